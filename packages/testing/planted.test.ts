import { type Cni, type DelRequest, pluginError } from '@slipway/cni';
import { referencePlugins } from '@slipway/cni/mocks';
import type { CpiServices } from '@slipway/cpi';
import { awsProvider } from '@slipway/cpi/mocks';
import { type CriServices, CriError } from '@slipway/cri';
import { containerd } from '@slipway/cri/mocks';
import { CsiError } from '@slipway/csi';
import { memoryPlugin } from '@slipway/csi/testing';
import type { Host } from '@slipway/host';
import { milliseconds, type Process, sleep } from '@slipway/kernel';
import { OciRegistry, Runc } from '@slipway/oci/mocks';
import type { Plugin } from '@slipway/plugin';
import { describe, expect, it } from 'vitest';
import {
  describeCloudProvider,
  describeCniPlugin,
  describeCriRuntime,
  describeCsiDriver,
  describeOciRuntime,
  type TestPart,
  type TestRunner,
} from './index.ts';

/** Runs what would be vitest tests, and gives the failures: `part: message`. */
async function failures(describeIt: (runner: TestRunner) => void): Promise<readonly string[]> {
  const tests: { readonly title: string; readonly run: () => Promise<void> }[] = [];
  describeIt({ describe: (_, body) => body(), it: (title, body) => void tests.push({ title, run: () => body() }) });
  const found: string[] = [];
  for (const { title, run } of tests) {
    try {
      await run();
    } catch (error) {
      found.push(`${title.split(':')[0]}: ${(error as Error).message}`);
    }
  }
  return found;
}

/** An object with some methods replaced. */
function changed<T extends object>(good: T, methods: object): T {
  return new Proxy(good, {
    get(target, name) {
      const owner = name in methods ? methods : target;
      const member: unknown = Reflect.get(owner, name);
      return typeof member === 'function' ? member.bind(owner) : member;
    },
  });
}

type Controller = NonNullable<ReturnType<Extract<Parameters<typeof memoryPlugin>[0], object>>['controller']>;
const options = (only: TestPart) => ({ only, seed: 1, numRuns: 100, endOnFailure: true });

const csi = (only: TestPart, breaks: (good: Required<Controller>) => object) => (runner: TestRunner) =>
  describeCsiDriver(
    runner,
    () =>
      memoryPlugin((good) => ({ ...good, controller: changed(good.controller, breaks(good.controller as Required<Controller>)) as never })),
    { ...options(only), restarts: 'kept' },
  );
type AnyCall = (request: never) => never;

const config = {
  cniVersion: '1.1.0',
  name: 'pods',
  type: 'bridge',
  isGateway: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.9.0.0/29' }]] },
};
const cni = (only: TestPart, breaks: (good: Cni, host: Host) => Partial<Cni> | object) => (runner: TestRunner) =>
  describeCniPlugin(
    runner,
    ({ host }) => {
      const good = referencePlugins(host as Host);
      return changed(good, breaks(good, host as Host)) as never;
    },
    { ...options(only), config, capacity: 5 },
  );

const cri = (only: TestPart, breaks: (good: CriServices['runtime']) => object) => (runner: TestRunner) =>
  describeCriRuntime(
    runner,
    {
      ...containerd,
      create(context: never) {
        const good = (containerd as unknown as Plugin<'cri'>).create(context);
        return { ...good, runtime: changed(good.runtime, breaks(good.runtime)) };
      },
    } as never,
    { ...options(only), numRuns: 40, cni: referencePlugins, oci: (host: Host) => new Runc(host), registry: () => new OciRegistry() },
  );

const oci = (only: TestPart, breaks: (good: Runc) => object) => (runner: TestRunner) =>
  describeOciRuntime(
    runner,
    ({ host }) => {
      const good = new Runc(host as Host);
      return changed(good, breaks(good)) as never;
    },
    options(only),
  );

const cpi = (only: TestPart, breaks: (good: CpiServices) => Partial<CpiServices>) => (runner: TestRunner) =>
  describeCloudProvider(
    runner,
    ({ cloud }) => {
      const good = awsProvider({ cloud });
      return { ...good, ...breaks(good) } as never;
    },
    options(only),
  );

/** Each a few lines off a right one. */
const planted: Readonly<Record<string, readonly [run: (runner: TestRunner) => void, truth: RegExp]>> = {
  'CreateVolume makes another volume when it is asked again': [
    csi('faults', (good) => {
      let count = 0;
      return {
        createVolume: (request: { name: string }) =>
          (good.createVolume as unknown as AnyCall)({ ...request, name: `${request.name}-${(count += 1)}` } as never),
      };
    }),
    /is still .*, not|there are \d+ volumes/,
  ],
  'two volumes by one name under concurrency': [
    csi('clients', (good) => {
      let count = 0;
      return {
        *createVolume(request: { name: string }) {
          const isNew = ![...(good as unknown as { storage: { volumes: Map<string, { name: string }> } }).storage.volumes.values()].some(
            ({ name }) => name.startsWith(request.name),
          );
          yield* sleep(milliseconds(2));
          if (isNew) count += 1;
          return (good.createVolume as unknown as AnyCall)({ ...request, name: `${request.name}-${count}` } as never);
        },
      };
    }),
    /is still .*, not|there are \d+ volumes/,
  ],
  'DeleteVolume fails when it is repeated': [
    csi('faults', (good) => ({
      deleteVolume(request: { volumeId: string }) {
        const { storage } = good as unknown as { storage: { volumes: Map<string, unknown> } };
        if (!storage.volumes.has(request.volumeId)) throw new CsiError('NOT_FOUND', 'no such volume');
        return (good.deleteVolume as unknown as AnyCall)(request as never);
      },
    })),
    /it can be deleted/,
  ],
  'attach gives a volume to a second node while a detach waits': [
    csi('clients', (good) => ({
      *controllerPublishVolume(request: { volumeId: string }) {
        (good.controllerUnpublishVolume as unknown as AnyCall)({ volumeId: request.volumeId } as never);
        yield* sleep(milliseconds(1));
        return (good.controllerPublishVolume as unknown as AnyCall)(request as never);
      },
    })),
    /no other node can have it|it can be attached/,
  ],
  'DetachVolume fails when nothing is attached': [
    csi('faults', (good) => {
      const attached = new Set<string>();
      return {
        controllerPublishVolume(request: { volumeId: string }) {
          attached.add(request.volumeId);
          return (good.controllerPublishVolume as unknown as AnyCall)(request as never);
        },
        controllerUnpublishVolume(request: { volumeId: string }) {
          if (!attached.delete(request.volumeId)) throw new CsiError('NOT_FOUND', 'not attached');
          return (good.controllerUnpublishVolume as unknown as AnyCall)(request as never);
        },
      };
    }),
    /detaching succeeds/,
  ],
  'NodePublishVolume forgets after a restart what was staged': [
    // The in-memory driver as it is: good where its memory is kept, and wrong where it is not.
    (runner) => describeCsiDriver(runner, () => memoryPlugin(), options('faults')),
    /publish succeeds here/,
  ],
  'ADD leaks its address when it fails late': [
    cni('faults', (good) => {
      let count = 0;
      return {
        add(request: never) {
          const result = good.add(request);
          count += 1;
          if (count % 4 === 0) throw pluginError('the last step failed');
          return result;
        },
        del(request: DelRequest) {
          if (request.config.prevResult) good.del(request);
          else if (request.netns === undefined) return;
          else good.del(request);
        },
      };
    }),
    /the pool has 5 addresses/,
  ],
  'DEL fails when it is repeated': [
    cni('faults', (good) => {
      const there = new Set<string>();
      return {
        add(request: { containerId: string; ifname: string }) {
          there.add(`${request.containerId}/${request.ifname}`);
          return good.add(request as never);
        },
        del(request: DelRequest) {
          if (!there.delete(`${request.containerId}/${request.ifname}`)) throw pluginError('not attached');
          good.del(request);
        },
      };
    }),
    /DEL succeeds, also when nothing is attached/,
  ],
  'ADD gives an address twice when two come at once': [
    cni('clients', (good) => {
      let last: { readonly ips?: readonly unknown[] } | undefined;
      let busy = 0;
      return {
        *add(request: never) {
          busy += 1;
          yield* sleep(milliseconds(3));
          const result = good.add(request);
          const answer = busy > 1 && last ? { ...result, ips: last.ips } : result;
          last = answer as typeof last;
          busy -= 1;
          return answer;
        },
      };
    }),
    /is the address of/,
  ],
  'RunPodSandbox makes a second sandbox when its answer was lost': [
    cri('faults', (good) => {
      let attempt = 0;
      return {
        runPodSandbox(request: { config: { metadata: object } }) {
          attempt += 1;
          const metadata = { ...request.config.metadata, attempt };
          return good.runPodSandbox({ ...request, config: { ...request.config, metadata } } as never);
        },
      };
    }),
    /has a sandbox already|sandboxes, not/,
  ],
  'StopPodSandbox fails when it is repeated': [
    cri('faults', (good) => {
      const stopped = new Set<string>();
      return {
        stopPodSandbox(request: { podSandboxId: string }) {
          if (stopped.has(request.podSandboxId)) throw new CriError('NOT_FOUND', 'stopped already');
          stopped.add(request.podSandboxId);
          return good.stopPodSandbox(request);
        },
      };
    }),
    /StopPodSandbox succeeds/,
  ],
  'create of a runtime ignores that the id is in use': [
    oci('clients', (good) => ({
      create(request: { id: string }) {
        try {
          return { pid: (good.state(request) as { pid?: number }).pid };
        } catch {
          return good.create(request as never);
        }
      },
    })),
    /so create is refused/,
  ],
  'start of a runtime runs a container twice': [
    oci('faults', (good) => ({
      start(request: { id: string }) {
        try {
          return good.start(request as never);
        } catch {
          return {};
        }
      },
    })),
    /so start is refused/,
  ],
  'EnsureLoadBalancerDeleted leaves it when the first call was lost': [
    cpi('faults', (good) => {
      let calls = 0;
      return {
        loadBalancer: changed(good.loadBalancer as object, {
          ensureLoadBalancerDeleted(request: never) {
            calls += 1;
            return calls === 1
              ? ((good.loadBalancer as never as { ensureLoadBalancerDeleted: AnyCall }).ensureLoadBalancerDeleted(request) as never)
              : {};
          },
        }) as never,
      };
    }),
    /the balancer of web-\d is not there/,
  ],
  'CreateRoute says yes and adds none while another is added': [
    cpi('clients', (good) => {
      let busy = 0;
      const routes = good.routes as unknown as { createRoute(request: never): Process<object> };
      return {
        routes: changed(good.routes as object, {
          *createRoute(request: never) {
            if (busy > 0) return {};
            busy += 1;
            yield* sleep(milliseconds(10));
            const answer = yield* routes.createRoute(request);
            busy -= 1;
            return answer;
          },
        }) as never,
      };
    }),
    /routes of nodes/,
  ],
};

describe('planted mistakes', () => {
  it.each(Object.keys(planted))('%s: is found', async (name) => {
    const [run, truth] = planted[name] as (typeof planted)[string];
    const found = await failures(run);
    expect(found.join('\n').slice(0, 2000)).toMatch(truth);
    expect(found[0]).toMatch(/To repeat it: \{ only: '/);
  });

  it('are printed as the shortest story that shows them', async () => {
    const [found = ''] = await failures((runner) =>
      describeOciRuntime(
        runner,
        ({ host }) => {
          const good = new Runc(host as Host);
          return changed(good, { kill: () => ({}) }) as never;
        },
        { only: 'faults', seed: 1 },
      ),
    );
    const [first = '', ...story] = found.split('\n');
    expect(first).toBe('faults: kill container-0: container-0 is not there, so kill is refused (heard: success)');
    expect(story.filter((line) => line.startsWith('  ')).length).toBeLessThanOrEqual(4);
  });
});
