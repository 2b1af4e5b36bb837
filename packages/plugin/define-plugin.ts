import type { ApiClient, ControllerDefinition } from '@slipway/client';
import type { Host } from '@slipway/host';
import type { AsyncClient, Client, Ids, Latency, Micros, Process, Random } from '@slipway/kernel';
import type { CustomResourceDefinition, KubeObject } from '@slipway/kube';

/**
 * What each interface's plugins are given and return. Every contract package adds its own entry:
 *
 * ```ts
 * declare module '@slipway/plugin' {
 *   interface Plugins { cni: { services: Implementation<Cni>; context: object } }
 * }
 * ```
 *
 * `services` is what `create` returns; `context` is what the interface adds to the context that all plugins get.
 */
export interface Plugins {
  /** A controller of the cluster, made once: takes the place of a built-in one, or stands beside them as an operator does. */
  controller: { services: ControllerDefinition; context: object };
}

/** `cni`, `cri`, `oci` … */
export type PluginInterface = keyof Plugins & string;

/** A schema for options, as zod makes them; structural, so that a visitor may bring a copy of zod. */
export interface OptionsSchema<O> {
  safeParse(
    value: unknown,
  ): { success: true; data: O } | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/** What a plugin sees of its world. There is no clock and no chance but through it. */
export interface PluginContext<O = unknown> {
  /** As the plugin's schema made them; `{}` without a schema. */
  readonly options: O;
  /** Name of the node, for plugins that are made once per node. */
  readonly node?: string;
  /** The machine, for plugins that are made once per node. */
  readonly host?: Host;
  /** The API server, as this plugin's own client. */
  readonly api: ApiClient;
  /** Counts ids per world: `ids.next('vol')` gives `vol-1`. */
  readonly ids: Ids;
  /** A named stream of the seed for this plugin on this node. */
  readonly random: Random;
  /** Virtual time since the start, in microseconds. */
  now(): Micros;
  /** Waits in virtual time: `yield* context.sleep(milliseconds(5))`. */
  sleep(duration: Micros): Process<void>;
  /** A line in the trace. */
  log(message: string): void;
  /** The client for a plugin written with `async`: its methods return promises. */
  promised<S>(client: Client<S>): AsyncClient<S>;
}

/** A plugin: a module's one default export. */
export interface Plugin<I extends PluginInterface = PluginInterface, O = unknown> {
  readonly interface: I;
  /** DNS label; what `--set plugins.<interface>=` takes. */
  readonly name: string;
  /** One line for `slipway plugins`. */
  readonly description?: string;
  /** Left out: the plugin takes no options. */
  readonly options?: OptionsSchema<O>;
  /** Virtual time per method, `*` for all others: `{ add: '8ms..20ms' }`. */
  readonly latency?: Latency;
  /** Objects that it brings to the cluster. */
  readonly manifests?: readonly KubeObject[];
  /** Kinds that it knows to serve and does not need: each group is defined when the first object of it is applied. */
  readonly definitions?: readonly CustomResourceDefinition[];
  /** A controller that runs beside it: on every node for plugins that are made per node, else once. */
  agent?(context: PluginContext<O> & Plugins[I]['context']): ControllerDefinition;
  /** Makes the services: once per node for cri, cni, oci and CSI node services, else once per cluster. */
  create(context: PluginContext<O> & Plugins[I]['context']): Plugins[I]['services'];
}

/** Declares a plugin. Only types: the object is returned as it is. */
export function definePlugin<I extends PluginInterface, O = Record<string, never>>(plugin: Plugin<I, O>): Plugin<I, O> {
  return plugin;
}
