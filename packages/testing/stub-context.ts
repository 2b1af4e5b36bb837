import { apiClient, apiServer, type ApiServer } from '@slipway/client';
import { Host, type HostOptions, type ProgramResolver, SIGNAL_NUMBERS } from '@slipway/host';
import {
  asyncClient,
  awaitable,
  type Implementation,
  Kernel,
  type KernelOptions,
  link,
  type Owner,
  type Process,
  sleep,
} from '@slipway/kernel';
import { ApiError } from '@slipway/kube';
import type { OptionsSchema, PluginContext } from '@slipway/plugin';

export interface StubOptions<O = unknown> {
  /** What the plugin's schema would make of its options. Left out: `{}`. */
  readonly options?: O;
  /** Left out: `node-1`. */
  readonly node?: string;
  /** Left out: seed 1, no exploration. */
  readonly kernel?: KernelOptions;
  /** A machine that is there already, as after a restart of the plugin; its kernel is used. Left out: a new one. */
  readonly host?: Host;
  /** Of a new machine. Left out: `10.0.0.11/24`. */
  readonly addresses?: readonly string[];
  /** What processes on a new machine do. Left out: `idlePrograms`. */
  readonly programs?: ProgramResolver;
  /** Answers the plugin's API calls; may have just the methods that the test needs. Left out: every call fails, since there is no cluster. */
  readonly api?: Partial<Implementation<ApiServer>>;
  /** On whose behalf the plugin works; a function where a restart gives it another. Left out: an owner named `plugin` on the machine. */
  readonly owner?: Owner | (() => Owner);
}

/** A plugin's context, and the world around it, for a test to look at. */
export interface StubContext<O = unknown> extends PluginContext<O> {
  readonly node: string;
  readonly host: Host;
  readonly kernel: Kernel;
  readonly owner: Owner;
  /** What the plugin has logged. */
  readonly logged: readonly string[];
  /** Runs a process to its end, promises of the plugin included. */
  settle<T>(process: Process<T>): Promise<T>;
}

/**
 * The context of a plugin without a cluster: a fresh kernel, a machine with power on, ids, chance, virtual time.
 *
 * ```ts
 * const context = pluginContext({ options: { subnet: '10.1.0.0/24' } });
 * const plugin = myNetwork.create(context);
 * ```
 */
export function pluginContext<O = Record<string, never>>(given: StubOptions<O> = {}): StubContext<O> {
  const { node = given.host?.name ?? 'node-1', addresses = ['10.0.0.11/24'], programs = idlePrograms, api = {} } = given;
  const kernel = given.host?.kernel ?? new Kernel(given.kernel ?? {});
  const machine: HostOptions = { name: node, kernel, programs, addresses };
  const host = given.host ?? new Host(machine);
  const current = typeof given.owner === 'function' ? given.owner : undefined;
  const owner = current?.() ?? (given.owner as Owner | undefined) ?? host.owner.child('plugin');
  const logged: string[] = [];
  return {
    options: (given.options ?? {}) as O,
    node,
    host,
    kernel,
    owner,
    api: apiClient(link<ApiServer>(refusingApi(api), { service: apiServer, from: owner, to: kernel.owner('api') })),
    ids: kernel.ids,
    random: kernel.random(`${owner.name}/${node}`),
    now: () => kernel.now,
    sleep: (duration) => awaitable(sleep(duration), current ?? (() => owner)),
    logged,
    log(message) {
      logged.push(message);
      kernel.record('log', owner.name, 'plugin', undefined, [message]);
    },
    promised: (client) => asyncClient(client, current ?? owner),
    settle: (process) => kernel.completeAsync(kernel.owner('test'), 'test', process),
  };
}

/** Every method that is not given says that there is no API server. */
function refusingApi(given: Partial<Implementation<ApiServer>>): Implementation<ApiServer> {
  const refusals = Object.keys(apiServer.methods).map((method) => [
    method,
    () => {
      throw new ApiError('ServiceUnavailable', `no API server: give pluginContext an \`api\` with the method ${method}`);
    },
  ]);
  return { ...(Object.fromEntries(refusals) as Implementation<ApiServer>), ...given };
}

/** Every process runs until a signal ends it, and every command in a container succeeds in silence. */
export const idlePrograms: ProgramResolver = {
  resolve: () => ({
    name: 'idle',
    *run({ signals }) {
      return 128 + SIGNAL_NUMBERS[yield* signals.receive()];
    },
    *exec() {
      return { exitCode: 0, stdout: '', stderr: '' };
    },
  }),
};

/** The options as the plugin's schema makes them. @throws Error naming each mistake */
export function parseOptions<O>(
  { name, options: schema }: { readonly name: string; readonly options?: OptionsSchema<O> },
  given: unknown,
): O {
  if (!schema) return (given ?? {}) as O;
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'options'}: ${message}`);
  throw new Error(`plugin "${name}" refuses its options: ${issues.join('; ')}`);
}
