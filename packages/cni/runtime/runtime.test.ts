import { Disk } from '@slipway/host';
import { all, type Client, codeOf, type Implementation, Kernel, link, messageOf, milliseconds, type Process, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AddRequest, Cni, Result } from '../contract.ts';
import { CniError } from '../errors.ts';
import { NETWORK_CONFIG_DIRECTORY } from '../network-config.ts';
import { cniPlugin } from '../service.ts';
import {
  type CniEnvironment,
  executeAdd,
  executeCheck,
  executeDel,
  executeGc,
  executeStatus,
  loadNetworkConfig,
  type Network,
  NetworkRuntime,
  networkOf,
  parseNetworkConfig,
  ResultCache,
  validateNetwork,
  writeNetworkConfig,
} from './index.ts';

interface Logged {
  readonly type: string;
  readonly verb: string;
  readonly containerId?: string;
  readonly prevResult?: Result | undefined;
}

/** A world with plugins that note what they are asked; each adds an interface of its own name. */
function world(types: readonly string[], fail: (type: string, verb: string) => Error | undefined = () => undefined) {
  const kernel = new Kernel();
  const runtime = kernel.owner('runtime');
  const log: Logged[] = [];
  const clients = new Map<string, Client<Cni>>();
  for (const type of types) {
    const note = (verb: string, prevResult: Result | undefined, containerId?: string): void => {
      log.push({ type, verb, prevResult, ...(containerId === undefined ? {} : { containerId }) });
      const error = fail(type, verb);
      if (error) throw error;
    };
    const plugin: Implementation<Cni> = {
      add({ config, containerId }) {
        note('add', config.prevResult, containerId);
        return { cniVersion: config.cniVersion, interfaces: [...(config.prevResult?.interfaces ?? []), { name: type }] };
      },
      del: ({ config, containerId }) => note('del', config.prevResult, containerId),
      check: ({ config, containerId }) => note('check', config.prevResult, containerId),
      gc: ({ config }) => note('gc', config.prevResult),
      status: ({ config }) => note('status', config.prevResult),
    };
    clients.set(type, link(plugin, { service: cniPlugin, from: runtime, to: kernel.owner(type) }));
  }
  const environment: CniEnvironment = { files: new Disk(), find: (type) => clients.get(type) };
  const settle = <T>(process: Process<T>): T => kernel.complete(runtime, 'test', process);
  const calls = (): readonly string[] => log.map(({ type, verb }) => `${verb} ${type}`);
  return { environment, settle, log, calls, kernel, runtime };
}

const network = (types: readonly string[], more: Partial<Network> = {}): Network => ({
  name: 'net',
  cniVersion: '1.1.0',
  plugins: types.map((type) => ({ type })),
  ...more,
});
const pod = { containerId: 'pod-1', netns: '/var/run/netns/1', ifname: 'eth0' };

function thrown(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('lists of plugins', () => {
  it('add and del: any list is walked forward with each result handed on, and back with the last one', () => {
    const lists = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 });
    fc.assert(
      fc.property(lists, (types) => {
        const { environment, settle, log, calls } = world(types);
        const result = settle(executeAdd(environment, network(types), pod));
        expect(result.interfaces?.map(({ name }) => name)).toEqual(types);
        settle(executeDel(environment, network(types), pod));
        expect(calls()).toEqual([...types.map((type) => `add ${type}`), ...types.toReversed().map((type) => `del ${type}`)]);
        for (const [at, { verb, prevResult }] of log.entries()) {
          const names = prevResult?.interfaces?.map(({ name }) => name);
          expect(names).toEqual(verb === 'del' ? types : at === 0 ? undefined : types.slice(0, at));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('add: the first failure ends it, names the plugin, keeps code and details, and nothing is remembered', () => {
    const { environment, settle, calls } = world(['a', 'b', 'c'], (type, verb) =>
      type === 'b' && verb === 'add' ? new CniError(11, 'busy', { details: 'later' }) : undefined,
    );
    const error = thrown(() => settle(executeAdd(environment, network(['a', 'b', 'c']), pod)));
    expect(error).toMatchObject({ code: 11, message: 'plugin type="b" failed (add): busy', details: 'later' });
    expect(calls()).toEqual(['add a', 'add b']);
    expect(new ResultCache(environment.files, '/var/lib/cni').list('net')).toEqual([]);
  });

  it('attach: after a failure the whole list gets DEL in reverse, and the first error is what is told', () => {
    const { environment, settle, calls } = world(['a', 'b', 'c'], (type, verb) =>
      type === 'b' ? new CniError(100, `${verb} broke`) : undefined,
    );
    writeNetworkConfig(environment.files, '10-net.conflist', network(['a', 'b', 'c']));
    const error = thrown(() => settle(new NetworkRuntime(environment).attach(pod)));
    expect(messageOf(error)).toBe('plugin type="b" failed (add): add broke');
    expect(calls()).toEqual(['add a', 'add b', 'del c', 'del b']);
  });

  it('add: a plugin that is not installed is named with the path that was searched', () => {
    const { environment, settle } = world(['a']);
    const error = thrown(() => settle(executeAdd(environment, network(['a', 'nope']), pod)));
    expect(messageOf(error)).toBe('plugin type="nope" failed (add): failed to find plugin "nope" in path [/opt/cni/bin]');
    expect(thrown(() => settle(validateNetwork(environment, network(['a', 'nope']))))).toMatchObject({ code: 7 });
  });

  it('add: a plain error of a plugin is reported under 999, a dead plugin in the words of the link', () => {
    const plain = world(['a'], () => new Error('oops'));
    expect(thrown(() => plain.settle(executeAdd(plain.environment, network(['a']), pod)))).toMatchObject({ code: 999 });
    const dead = world([]);
    const owner = dead.kernel.owner('gone');
    const client = link<Cni>(
      { add: ({ config }) => ({ cniVersion: config.cniVersion }), del() {} },
      { service: cniPlugin, from: dead.runtime, to: owner },
    );
    owner.kill();
    const error = thrown(() => dead.settle(executeAdd({ ...dead.environment, find: () => client }, network(['a']), pod)));
    expect([codeOf(error), messageOf(error)]).toEqual(['UNAVAILABLE', 'plugin type="a" failed (add): gone is not running']);
  });

  it('the cache: one file per attachment, in the layout of libcni, gone after DEL', () => {
    const { environment, settle } = world(['a']);
    settle(
      executeAdd(environment, network(['a']), { ...pod, args: { K8S_POD_NAME: 'web' }, capabilityArgs: { mac: '02:00:00:00:00:01' } }),
    );
    expect(environment.files.list('/var/lib/cni/results')).toEqual(['net-pod-1-eth0']);
    const entry = JSON.parse(environment.files.readText('/var/lib/cni/results/net-pod-1-eth0')) as object;
    expect(entry).toMatchObject({
      kind: 'cniCacheV1',
      networkName: 'net',
      cniArgs: [['K8S_POD_NAME', 'web']],
      result: { interfaces: [{ name: 'a' }] },
    });
    settle(executeDel(environment, network(['a']), pod));
    expect(environment.files.list('/var/lib/cni/results')).toEqual([]);
  });

  it('del: below 0.4.0 no prevResult is handed on; a broken cache file is no obstacle', () => {
    const old = world(['a']);
    const list = network(['a'], { cniVersion: '0.3.1' });
    old.settle(executeAdd(old.environment, list, pod));
    old.settle(executeDel(old.environment, list, pod));
    expect(old.log.at(-1)).toEqual({ type: 'a', verb: 'del', containerId: 'pod-1', prevResult: undefined });
    const broken = world(['a']);
    broken.environment.files.write('/var/lib/cni/results/net-pod-1-eth0', '{', { parents: true });
    broken.settle(executeDel(broken.environment, network(['a']), pod));
    expect(broken.calls()).toEqual(['del a']);
  });

  it('check: hands the final result to every plugin; needs 0.4.0; disableCheck asks nobody', () => {
    const { environment, settle, log } = world(['a', 'b']);
    const list = network(['a', 'b']);
    settle(executeAdd(environment, list, pod));
    settle(executeCheck(environment, list, pod));
    expect(log.slice(2).map(({ prevResult }) => prevResult?.interfaces?.length)).toEqual([2, 2]);
    settle(executeCheck(environment, { ...list, disableCheck: true }, { ...pod, containerId: 'unknown' }));
    expect(log).toHaveLength(4);
    const error = thrown(() => settle(executeCheck(environment, { ...list, cniVersion: '0.3.1' }, pod)));
    expect([codeOf(error), messageOf(error)]).toEqual(['1', 'configuration version "0.3.1" does not support the CHECK command']);
  });

  it('gc: stale attachments get DEL, then every plugin GC, past errors; disableGC does nothing', () => {
    const { environment, settle, calls, log } = world(['a', 'b'], (type, verb) =>
      type === 'a' && verb === 'gc' ? new CniError(100, 'stuck') : undefined,
    );
    const list = network(['a', 'b']);
    for (const containerId of ['keep', 'stale']) settle(executeAdd(environment, list, { ...pod, containerId }));
    log.length = 0;
    settle(executeGc(environment, { ...list, disableGC: true }, []));
    expect(log).toEqual([]);
    const error = thrown(() => settle(executeGc(environment, list, [{ containerID: 'keep', ifname: 'eth0' }])));
    expect([codeOf(error), messageOf(error)]).toEqual(['100', 'failed to GC plugin a: stuck']);
    expect(calls()).toEqual(['del b', 'del a', 'gc a', 'gc b']);
    expect(log[0]?.containerId).toBe('stale');
    expect(environment.files.list('/var/lib/cni/results')).toEqual(['net-keep-eth0']);
  });

  it('status: the first error comes through unchanged; below 1.1.0 nobody is asked', () => {
    const { environment, settle, calls } = world(['a', 'b'], (type) => (type === 'b' ? new CniError(50, 'no subnet') : undefined));
    expect(thrown(() => settle(executeStatus(environment, network(['a', 'b']))))).toMatchObject({ code: 50, message: 'no subnet' });
    settle(executeStatus(environment, network(['a', 'b'], { cniVersion: '1.0.0' })));
    expect(calls()).toEqual(['status a', 'status b']);
  });
});

describe('network runtime', () => {
  it('gc: runs alone, before or after what is under way', () => {
    const { environment, kernel, runtime, settle } = world([]);
    let underWay = 0;
    let collectedAmong = -1;
    const slow: Implementation<Cni> = {
      *add({ config }: AddRequest) {
        underWay += 1;
        yield* sleep(milliseconds(10));
        underWay -= 1;
        return { cniVersion: config.cniVersion };
      },
      del() {},
      *gc() {
        collectedAmong = Math.max(collectedAmong, underWay);
        yield* sleep(milliseconds(10));
        collectedAmong = Math.max(collectedAmong, underWay);
      },
    };
    const client = link(slow, { service: cniPlugin, from: runtime, to: kernel.owner('slow') });
    const cni = new NetworkRuntime({ ...environment, find: () => client });
    writeNetworkConfig(environment.files, '10-net.conflist', networkOf('slow'));
    settle(all<unknown>([cni.attach(pod), cni.collect([]), cni.attach({ ...pod, containerId: 'pod-2' }), cni.collect([])]));
    expect(collectedAmong).toBe(0);
    expect(underWay).toBe(0);
  });

  it('without configuration there is no network: status and attach say so', () => {
    const { environment, settle } = world([]);
    const cni = new NetworkRuntime(environment);
    expect(messageOf(thrown(() => settle(cni.status())))).toBe('cni plugin not initialized');
    expect(messageOf(thrown(() => settle(cni.attach(pod))))).toBe('cni plugin not initialized');
  });

  it('a plain class with add and del is a whole plugin', () => {
    class Counting {
      readonly taken = new Map<string, number>();
      add({ containerId, netns, ifname, config }: AddRequest): Result {
        const number = this.taken.size + 2;
        this.taken.set(containerId, number);
        const interfaces = [{ name: ifname, sandbox: netns }];
        return { cniVersion: config.cniVersion, interfaces, ips: [{ address: `10.5.0.${number}/24`, interface: 0 }] };
      }
      del({ containerId }: { readonly containerId: string }): void {
        this.taken.delete(containerId);
      }
    }
    const { environment, kernel, runtime, settle } = world([]);
    const client = link<Cni>(new Counting(), { service: cniPlugin, from: runtime, to: kernel.owner('counting') });
    const cni = new NetworkRuntime({ ...environment, find: () => client });
    writeNetworkConfig(environment.files, '10-counting.conflist', networkOf('counting', { speed: 3 }));
    settle(cni.status());
    expect(settle(cni.attach(pod)).ips).toEqual([{ address: '10.5.0.2/24', interface: 0 }]);
    settle(cni.check(pod));
    settle(cni.collect([]));
    settle(cni.detach(pod));
    expect(messageOf(thrown(() => settle(cni.check(pod))))).toMatch(/no cached result/);
  });
});

describe('configuration files', () => {
  it('the first conflist by name counts; files beside it in the folder of the network are appended', () => {
    const disk = new Disk();
    expect(loadNetworkConfig(disk)).toBeUndefined();
    writeNetworkConfig(disk, '20-second.conflist', networkOf('second'));
    writeNetworkConfig(disk, '10-first.conflist', networkOf('first'));
    disk.write(`${NETWORK_CONFIG_DIRECTORY}/first/50-more.conf`, '{"type":"more"}', { parents: true });
    expect(loadNetworkConfig(disk)).toMatchObject({ name: 'first', plugins: [{ type: 'first' }, { type: 'more' }] });
    writeNetworkConfig(disk, '10-first.conflist', { ...networkOf('first'), loadOnlyInlinedPlugins: true });
    expect(loadNetworkConfig(disk)?.plugins).toHaveLength(1);
  });

  it('versions: the highest that is known of cniVersion and cniVersions', () => {
    const version = (more: object): string =>
      parseNetworkConfig(JSON.stringify({ name: 'n', plugins: [{ type: 'x' }], ...more })).cniVersion;
    expect(version({ cniVersion: '0.4.0' })).toBe('0.4.0');
    expect(version({ cniVersion: '0.4.0', cniVersions: ['1.0.0', '9.0.0', '0.3.1'] })).toBe('1.0.0');
    expect(thrown(() => version({ cniVersion: '9.0.0' }))).toMatchObject({ code: 1 });
  });

  it.each([
    ['{', 6, 'error parsing configuration list'],
    ['[]', 6, 'no object'],
    ['{"plugins":[]}', 7, 'no name'],
    ['{"name":"-","plugins":[]}', 7, 'invalid name'],
    ['{"name":"n","loadOnlyInlinedPlugins":true}', 7, "no 'plugins' key"],
    ['{"name":"n","plugins":3}', 7, "invalid 'plugins' type"],
    ['{"name":"n","cniVersion":"1.1.0","plugins":[{}]}', 7, "missing 'type'"],
    ['{"name":"n","cniVersion":"1.1.0","plugins":[{"type":"../x"}]}', 7, 'invalid plugin name'],
    ['{"name":"n","cniVersion":"1.1.0","disableCheck":"perhaps","plugins":[]}', 7, 'disableCheck'],
  ])('%s is refused with code %i', (text, code, words) => {
    const disk = new Disk();
    disk.write(`${NETWORK_CONFIG_DIRECTORY}/10-x.conflist`, text, { parents: true });
    const error = thrown(() => loadNetworkConfig(disk));
    expect(error).toMatchObject({ code });
    expect(messageOf(error)).toContain('failed to load CNI config list file /etc/cni/net.d/10-x.conflist: ');
    expect(messageOf(error)).toContain(words);
  });
});
