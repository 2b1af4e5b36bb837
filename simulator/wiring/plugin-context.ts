import type { ApiClient } from '@slipway/client';
import type { Host } from '@slipway/host';
import { asyncClient, awaitable, type Kernel, type Owner, sleep } from '@slipway/kernel';
import type { PluginContext } from '@slipway/plugin';
import type { Chosen } from './chosen.ts';

/** Where a plugin is put. */
export interface PluginPlace {
  readonly kernel: Kernel;
  /** A client of the API server for this owner. */
  connect(from: Owner): ApiClient;
  /** The machine, for plugins that are made once per node. */
  readonly host?: Host;
}

/**
 * What every plugin is given.
 *
 * @param owner whoever it runs as; a function where that changes with restarts which the plugin's own memory outlives.
 */
export function pluginContext<O>(
  { plugin, options }: Chosen<{ readonly interface: string; readonly name: string }>,
  owner: Owner | (() => Owner),
  { kernel, connect, host }: PluginPlace,
): PluginContext<O> {
  let api: ApiClient | undefined;
  const whose = typeof owner === 'function' ? owner : () => owner;
  return {
    options: options as O,
    ...(host ? { node: host.name, host } : {}),
    // Most plugins never talk to the API server: a link is made for those that do.
    get api() {
      api ??= connect(whose());
      return api;
    },
    ids: kernel.ids,
    random: kernel.random([plugin.interface, plugin.name, ...(host ? [host.name] : [])].join('/')),
    now: () => kernel.now,
    sleep: (duration) => awaitable(sleep(duration), whose),
    log: (message) => void kernel.record('log', whose().name, plugin.name, undefined, [message]),
    promised: (client) => asyncClient(client, whose),
  };
}
