import type { ApiClient, WatchEvent } from '@slipway/client';
import { Kernel, type KernelOptions, type Micros, type Owner, type Process, sleep, type Source } from '@slipway/kernel';
import type { KubeObject, Pod, PodSpec } from '@slipway/kube';
import { type ApiServer, ApiServer as Server, type ApiServerOptions, connect, type ConnectOptions } from './index.ts';

/** A kernel, an API server without latency, and a client: what tests here start from. */
export interface TestWorld {
  readonly kernel: Kernel;
  readonly owner: Owner;
  readonly server: ApiServer;
  readonly api: ApiClient;
  /** Runs a process to its end and gives its value; throws what it throws. */
  run<T>(process: Process<T>): T;
  /** What the process throws. */
  failure(process: Process<unknown>): { readonly code: string; readonly message: string };
  /** Lets virtual time pass. */
  pass(duration: Micros): void;
}

export function testWorld(options: ApiServerOptions & { readonly kernel?: KernelOptions; readonly link?: ConnectOptions } = {}): TestWorld {
  const kernel = new Kernel(options.kernel);
  const server = new Server({
    kernel,
    owner: kernel.owner('apiserver'),
    options: { freeze: true, withoutAdmission: ['ServiceAccount'], ...options },
  });
  const owner = kernel.owner('test');
  const run = <T>(process: Process<T>): T => kernel.complete(owner, 'step', process);
  return {
    kernel,
    owner,
    server,
    api: connect(server, owner, { latency: {}, ...options.link }),
    run,
    failure(process) {
      try {
        run(process);
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        return { code, message };
      }
      throw new Error('expected a refusal');
    },
    pass(duration) {
      // A run without events does not move the clock; somebody who sleeps does.
      run(sleep(duration));
      kernel.run({ until: kernel.now });
    },
  };
}

export const configMap = (name: string, data: { readonly [key: string]: string } = {}, namespace = 'default') =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }) as const;

export function pod(name: string, spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', ...metadata, name },
    spec: { containers: [{ name: 'main', image: 'nginx:1.27' }], ...spec },
  };
}

export const node = (name: string, labels: { readonly [key: string]: string } = {}) =>
  ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: {}, status: {} }) as const;

/** Keeps all that a watch says, until it ends. */
export class Collector<T extends KubeObject> {
  readonly events: WatchEvent<T>[] = [];
  ended: 'open' | 'clean' | string = 'open';

  *follow(source: Source<WatchEvent<T>>): Process {
    try {
      for (;;) {
        const batch = yield* source.take();
        if (batch.length === 0) break;
        this.events.push(...batch);
      }
      this.ended = 'clean';
    } catch (error) {
      this.ended = (error as { code: string }).code;
    }
  }

  /** `ADDED a@5`. */
  get lines(): readonly string[] {
    return this.events.map((event) =>
      event.type === 'BOOKMARK' ? `BOOKMARK @${event.object.metadata.resourceVersion}` : `${event.type} ${event.object.metadata.name}`,
    );
  }
}

/** Opens a watch and collects what it says. */
export function collect<T extends KubeObject>(world: TestWorld, opening: Process<Source<WatchEvent<T>>>): Collector<T> {
  const collector = new Collector<T>();
  const source = world.run(opening);
  world.owner.spawn('collector', collector.follow(source));
  return collector;
}
