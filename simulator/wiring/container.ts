import type { Plugin } from '@slipway/plugin';
import { Container } from 'inversify';
import { token, type Token } from '@slipway/kernel';
import { builtIn, DEFAULTS, type PluggableInterface } from './catalog.ts';
import { parseOptions } from './check-plugin.ts';
import type { Chosen, NodePlugins } from './node-assembly.ts';
import { World, type WorldOptions } from './world.ts';

/** What somebody chose for an interface: a plugin (built in by its name, or loaded) and its options. */
export interface PluginChoice {
  readonly use?: Plugin | string;
  readonly with?: unknown;
}

export type PluginChoices = { readonly [I in PluggableInterface]?: PluginChoice };

/** Makes worlds that differ in all but their plugins. */
export type WorldFactory = (options: Omit<WorldOptions, 'plugins'>) => World;

const OCI: Token<Chosen<Plugin<'oci'>>> = token('@slipway/wiring/oci');
const CNI: Token<Chosen<Plugin<'cni'>>> = token('@slipway/wiring/cni');
const CRI: Token<Chosen<Plugin<'cri'>>> = token('@slipway/wiring/cri');
const NODE_PLUGINS: Token<NodePlugins> = token('@slipway/wiring/NodePlugins');
const WORLD_FACTORY: Token<WorldFactory> = token('@slipway/wiring/WorldFactory');

/**
 * Resolves the choices once; every world after that is made by plain calls.
 *
 * @throws PluginError for a name that nobody has, or options that a plugin refuses.
 */
export function worldFactory(choices: PluginChoices = {}): WorldFactory {
  return container(choices).get<WorldFactory>(WORLD_FACTORY);
}

/** The plugins of one node, for nodes that differ from the rest. @throws PluginError */
export function nodePlugins(choices: PluginChoices): NodePlugins {
  return container(choices).get<NodePlugins>(NODE_PLUGINS);
}

function container(choices: PluginChoices): Container {
  const bindings = new Container();
  bindings.bind<Chosen<Plugin<'oci'>>>(OCI).toConstantValue(chosen('oci', choices.oci));
  bindings.bind<Chosen<Plugin<'cni'>>>(CNI).toConstantValue(chosen('cni', choices.cni));
  bindings.bind<Chosen<Plugin<'cri'>>>(CRI).toConstantValue(chosen('cri', choices.cri));
  bindings
    .bind<NodePlugins>(NODE_PLUGINS)
    .toResolvedValue(
      (oci: Chosen<Plugin<'oci'>>, cni: Chosen<Plugin<'cni'>>, cri: Chosen<Plugin<'cri'>>): NodePlugins => ({ oci, cni, cri }),
      [OCI, CNI, CRI],
    )
    .inSingletonScope();
  bindings
    .bind<WorldFactory>(WORLD_FACTORY)
    .toResolvedValue(
      (plugins: NodePlugins): WorldFactory =>
        (options) =>
          new World({ ...options, plugins }),
      [NODE_PLUGINS],
    )
    .inSingletonScope();
  return bindings;
}

function chosen<I extends PluggableInterface>(kind: I, choice: PluginChoice = {}): Chosen<Plugin<I>> {
  const use = choice.use ?? DEFAULTS[kind];
  const plugin = typeof use === 'string' ? builtIn(kind, use) : (use as unknown as Plugin<I>);
  return { plugin, options: parseOptions(plugin as never, choice.with) };
}
