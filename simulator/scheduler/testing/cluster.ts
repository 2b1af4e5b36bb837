import type { ApiClient } from '@slipway/client';
import { type Fault, Kernel, type Micros, type Owner, type Process, seconds } from '@slipway/kernel';
import { type Event, type KubeObject, kindOf, type Node, type Pod } from '@slipway/kube';
import { ApiServer, connect } from '../../apiserver/index.ts';
import { createScheduler, type Scheduler, type SchedulerOptions } from '../scheduler.ts';

export interface SchedulerWorldOptions extends Partial<Omit<SchedulerOptions, 'api' | 'owner' | 'kernel'>> {
  readonly seed?: number;
  /** What goes wrong between the scheduler and the API server. */
  readonly faults?: readonly Fault[];
}

/** A cluster of an API server and a scheduler, with nobody who runs pods. */
export class SchedulerWorld {
  readonly kernel: Kernel;
  readonly api: ApiClient;
  readonly server: ApiServer;
  readonly #user: Owner;
  readonly #options: Partial<SchedulerOptions>;
  #process: { readonly owner: Owner; readonly scheduler: Scheduler };

  constructor(options: SchedulerWorldOptions = {}) {
    const { seed = 1, faults, ...rest } = options;
    this.#options = rest;
    this.kernel = new Kernel({ seed });
    this.#user = this.kernel.owner('user');
    this.server = new ApiServer({
      kernel: this.kernel,
      owner: this.kernel.owner('kube-apiserver'),
      // Nobody is there who makes service accounts or calls nodes ready.
      options: { withoutAdmission: ['ServiceAccount', 'TaintNodesByCondition'], freeze: true },
    });
    this.api = connect(this.server, this.#user);
    this.#process = this.#start(faults);
  }

  get scheduler(): Scheduler {
    return this.#process.scheduler;
  }

  /** The process dies where it stands, and a new one starts. */
  restartScheduler(): void {
    this.#process.owner.kill();
    this.#process = this.#start();
  }

  /** Runs the user's process to its end. */
  do<T>(process: Process<T>): T {
    return this.kernel.complete(this.#user, 'user', process);
  }

  /** Lets time pass. */
  pass(time: Micros): void {
    this.kernel.run({ until: this.kernel.now + time });
  }

  add(objects: readonly (Node | Pod)[]): void {
    const { api } = this;
    this.do(
      (function* (): Process {
        for (const object of objects) {
          if (object.kind === 'Node') {
            yield* api.nodes.create(object);
            yield* api.nodes.updateStatus(object);
          } else yield* api.pods.create(withoutUid(object));
        }
      })(),
    );
    this.pass(seconds(1));
  }

  /** Stores objects of any kind, with their status. */
  store(objects: readonly KubeObject[]): void {
    const { api } = this;
    this.do(
      (function* (): Process {
        for (const object of objects) {
          const kind = kindOf(object.apiVersion, object.kind);
          const resource = api.resource<KubeObject>(kind?.plural ?? '');
          const created = yield* resource.create(object);
          if (!kind?.statusSubresource || !('status' in object)) continue;
          yield* resource.updateStatus({ ...object, metadata: created.metadata });
        }
      })(),
    );
    this.pass(seconds(1));
  }

  addPriorityClass(name: string, value: number, preemptionPolicy: 'Never' | 'PreemptLowerPriority' = 'PreemptLowerPriority'): void {
    const base = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' } as const;
    this.do(this.api.priorityclasses.create({ ...base, metadata: { name }, value, preemptionPolicy }));
  }

  pod(name: string, namespace = 'default'): Pod {
    return this.do(this.api.pods.get({ namespace, name }));
  }

  nodeOf(name: string): string | undefined {
    return this.pod(name).spec.nodeName;
  }

  #start(faults: readonly Fault[] = []): { readonly owner: Owner; readonly scheduler: Scheduler } {
    const owner = this.kernel.owner('kube-scheduler');
    const scheduler = createScheduler({ ...this.#options, api: connect(this.server, owner, { faults }), owner, kernel: this.kernel });
    return { owner, scheduler };
  }

  events(reason: string): readonly Event[] {
    return this.do(this.api.events.list()).items.filter((event) => event.reason === reason);
  }
}

/** The server gives uids. */
function withoutUid(pod: Pod): Pod {
  const { uid: _uid, ...metadata } = pod.metadata;
  return { ...pod, metadata };
}
