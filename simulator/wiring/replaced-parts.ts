import type { ControllerDefinition } from '@slipway/client';
import type { Host } from '@slipway/host';
import type { Owner } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import type { Plugin } from '@slipway/plugin';
import type { KubeletParts } from '../kubelet/index.ts';
import type { SchedulerParts } from '../scheduler/plugin.ts';
import { createController, createKubeletParts, createScheduling } from './check-plugin.ts';
import type { Chosen } from './chosen.ts';
import { PluginError } from './plugin-error.ts';
import { type PluginPlace, pluginContext } from './plugin-context.ts';

/** What of the control plane is not the built-in part. */
export interface ControlPlanePlugins {
  readonly scheduler?: Chosen<Plugin<'scheduler'>>;
  readonly kubelet?: Chosen<Plugin<'kubelet'>>;
  /** By name of the built-in controller that each replaces, or of one that is added; sorted. */
  readonly controllers?: readonly (readonly [name: string, chosen: Chosen<Plugin<'controller'>>])[];
}

/** Puts a user's parts into the control plane. It keeps nothing: a manager that restarts asks again, and gets parts made anew. */
export class ReplacedParts {
  readonly #plugins: ControlPlanePlugins;
  readonly #place: PluginPlace;

  constructor(plugins: ControlPlanePlugins | undefined, place: PluginPlace) {
    this.#plugins = plugins ?? {};
    this.#place = place;
  }

  /** What the scheduler runs with besides its own. @throws PluginError */
  scheduler(owner: Owner): SchedulerParts {
    const chosen = this.#plugins.scheduler;
    return chosen ? createScheduling(chosen.plugin, pluginContext(chosen, owner, this.#place)) : {};
  }

  /** What the kubelet of a machine decides otherwise. @throws PluginError */
  kubelet(owner: Owner, host: Host): KubeletParts {
    const chosen = this.#plugins.kubelet;
    return chosen ? createKubeletParts(chosen.plugin, pluginContext(chosen, owner, { ...this.#place, host })) : {};
  }

  /** A manager's controllers, each replaced by the one that was chosen for its name. @throws PluginError */
  controllers(builtIn: readonly ControllerDefinition[], manager: Owner): readonly ControllerDefinition[] {
    const chosen = new Map(this.#plugins.controllers);
    return builtIn.map((definition) => {
      const own = chosen.get(definition.name);
      return own ? this.#make(own, manager) : definition;
    });
  }

  /**
   * Controllers that replace none of those that run: operators, each to be run by an owner of its own.
   *
   * @param running names of the built-in ones, replaced or not
   * @throws PluginError for one that calls itself as a built-in one is called
   */
  added(running: ReadonlySet<string>, owner: (name: string) => Owner): readonly { owner: Owner; definition: ControllerDefinition }[] {
    return (this.#plugins.controllers ?? [])
      .filter(([name]) => !running.has(name))
      .map(([name, chosen]) => {
        const own = owner(name);
        const definition = this.#make(chosen, own);
        if (running.has(definition.name))
          throw new PluginError(
            `controller plugin "${chosen.plugin.name}" calls its controller ${definition.name}, and one of that name runs already`,
            `to replace it, write controllers: { ${definition.name}: … }; else give yours a name of its own`,
          );
        return { owner: own, definition };
      });
  }

  /** Objects that the parts bring: CustomResourceDefinitions, say. */
  get manifests(): readonly KubeObject[] {
    const { scheduler, kubelet, controllers = [] } = this.#plugins;
    const plugins = [
      ...(scheduler ? [scheduler.plugin] : []),
      ...(kubelet ? [kubelet.plugin] : []),
      ...controllers.map(([, { plugin }]) => plugin),
    ];
    return plugins.flatMap(({ manifests = [] }) => manifests);
  }

  #make(chosen: Chosen<Plugin<'controller'>>, owner: Owner): ControllerDefinition {
    return createController(chosen.plugin, pluginContext(chosen, owner, this.#place));
  }
}
