import { type Cni, cniPlugin, type PluginConfig } from '@slipway/cni';
import type { CniSubject } from '@slipway/cni/conformance';
import { type Implementation, link } from '@slipway/kernel';
import type { Plugin } from '@slipway/plugin';
import { parseOptions, pluginContext, type StubContext, type StubOptions } from '../stub-context.ts';
import { breachesOf, type Watched } from './breaches.ts';

export interface CniSubjectOptions extends Omit<StubOptions, 'options' | 'owner' | 'host'> {
  /** What the plugin reads, as the runtime would hand it over. */
  readonly config: PluginConfig;
  /** How many attachments the configured pool has addresses for, at most about 16. Left out: nothing fills the pool. */
  readonly capacity?: number;
  /** The plugin's options, before its schema. */
  readonly options?: unknown;
  /** Called before `create`, to write what the plugin's agent would have written. */
  readonly prepare?: (context: StubContext) => void;
}

/** A network plugin alone on a machine. */
export interface StubCniSubject extends CniSubject, Watched {
  readonly breaches: readonly string[];
  readonly context: StubContext;
}

/** Puts a network plugin on a fresh machine, behind a link with the plugin's own latency, for `cniCases` and `cniCommands`. */
export function cniSubject<O>(
  plugin: Plugin<'cni', O>,
  { config, capacity, options, prepare, ...stub }: CniSubjectOptions,
): StubCniSubject {
  const context = pluginContext<O>({ ...stub, options: parseOptions(plugin, options) });
  prepare?.(context);
  const { kernel, host, owner } = context;
  const services: Implementation<Cni> = plugin.create(context);
  const runtime = host.owner.child('runtime');
  const breaches = breachesOf(kernel);
  let namespaces = 0;
  return {
    cni: link(services, { service: cniPlugin, from: runtime, to: owner, latency: plugin.latency }),
    host,
    config,
    ...(capacity === undefined ? {} : { capacity }),
    random: kernel.random('cases'),
    makeNamespace() {
      namespaces += 1;
      return host.network.create(`/var/run/netns/cni-${namespaces}`).path;
    },
    settle: (process) => context.settle(process),
    breaches,
    context,
  };
}
