import { type Cni, cniPlugin, type PluginConfig } from '@slipway/cni';
import type { CniSubject } from '@slipway/cni/conformance';
import { type Implementation, link } from '@slipway/kernel';
import type { Plugin } from '@slipway/plugin';
import { parseOptions, pluginContext, type StubContext, type StubOptions } from '../stub-context.ts';
import { breachesOf, type Watched } from './breaches.ts';
import { type Restarts, Standing } from './restart.ts';

export interface CniSubjectOptions extends Omit<StubOptions, 'options' | 'owner' | 'host'> {
  /** What the plugin reads, as the runtime would hand it over. */
  readonly config: PluginConfig;
  /** How many attachments the configured pool has addresses for, at most about 16. Left out: nothing fills the pool. */
  readonly capacity?: number;
  /** The plugin's options, before its schema. */
  readonly options?: unknown;
  /** How it comes up again after a crash. Left out: made anew, since a network plugin is a program that is run for each call. */
  readonly restarts?: Restarts;
  /** Called before `create`, to write what the plugin's agent would have written. */
  readonly prepare?: (context: StubContext) => void;
}

/** A network plugin alone on a machine. */
export interface StubCniSubject extends CniSubject, Watched {
  readonly breaches: readonly string[];
  readonly context: StubContext;
  readonly keepsMemory: boolean;
  /** The plugin ends where it stands, and is there again at once. */
  restart(): void;
}

/** Puts a network plugin on a fresh machine, behind a link with the plugin's own latency, for `cniCases` and `cniCommands`. */
export function cniSubject<O>(
  plugin: Plugin<'cni', O>,
  { config, capacity, options, restarts = 'fresh', prepare, ...stub }: CniSubjectOptions,
): StubCniSubject {
  const parsed = parseOptions(plugin, options);
  const world = pluginContext({ ...stub, options: parsed });
  const { kernel, host } = world;
  const standing = new Standing(() => host.owner.child('plugin'));
  const { api } = stub;
  const contextOf = () => pluginContext<O>({ options: parsed, host, owner: () => standing.owner, ...(api === undefined ? {} : { api }) });
  const context = contextOf();
  prepare?.(context);
  const create = (): Implementation<Cni> => plugin.create(contextOf());
  const services = plugin.create(context);
  const runtime = host.owner.child('runtime');
  const breaches = breachesOf(kernel);
  let namespaces = 0;
  return {
    cni: standing.keep(link(services, { service: cniPlugin, from: runtime, to: standing.owner, latency: plugin.latency }), services),
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
    keepsMemory: restarts === 'kept',
    restart: () => standing.restart(restarts === 'kept' ? undefined : () => [create() as Implementation<never>]),
  };
}
