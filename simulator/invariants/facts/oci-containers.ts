import type { Host } from '@slipway/host';
import type { Owner, TraceRecord } from '@slipway/kernel';
import type { ContainerRequest, ContainerStatus, CreateRequest, CreateResponse, State } from '@slipway/oci';
import type { Check, Exchange, Watched } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** One container of an OCI runtime, from the create that succeeded to the delete that did. */
export interface OciContainer {
  readonly node: string;
  readonly id: string;
  readonly bundle: string;
  readonly pid: number;
  /** The power-up of the machine that it was made in. */
  readonly power: Owner | undefined;
  /** How far it is at least, by what the runtime said. */
  status: ContainerStatus;
  /** A signal was sent to it. */
  killed: boolean;
}

/** The order of a container's life. Source: runtime-spec 1.3.0, "State". */
export const stageOf = (status: ContainerStatus): number => ['creating', 'created', 'running', 'stopped'].indexOf(status);

/** Containers by what high-level runtimes asked OCI runtimes for and what they answered. */
export class OciContainers implements Check {
  readonly called: NonNullable<Check['called']>;
  readonly answered: NonNullable<Check['answered']>;
  readonly #world: Watched;
  /** By node, then id. */
  readonly #containers = new Map<string, Map<string, OciContainer>>();

  constructor(world: Watched) {
    this.#world = world;
    this.called = {
      'oci.Runtime/Kill': (call) => {
        const container = this.find(call);
        if (container) container.killed = true;
      },
      'oci.Runtime/Delete': (call) => {
        const container = this.find(call);
        if (container) container.killed = true;
      },
    };
    this.answered = {
      'oci.Runtime/Create': (exchange) => this.#created(exchange),
      'oci.Runtime/Start': ({ call, ok }) => this.#reach(ok ? this.find(call) : undefined, 'running'),
      'oci.Runtime/State': ({ call, answer, ok }) => {
        if (ok) this.#reach(this.find(call), (answer.full as State).status);
      },
      'oci.Runtime/Delete': ({ call, ok }) => {
        if (ok) this.#containers.get(nodeOf(call.actor))?.delete((call.full as ContainerRequest).id);
      },
    };
  }

  /** The container that a request is about. */
  find(call: TraceRecord): OciContainer | undefined {
    return this.get(nodeOf(call.actor), (call.full as ContainerRequest).id);
  }

  get(node: string, id: string): OciContainer | undefined {
    return this.#containers.get(node)?.get(id);
  }

  /** The machine of a container, while it has had power ever since. */
  machine({ node, power }: OciContainer): Host | undefined {
    const host = this.#world.nodes.get(node)?.host;
    return host?.on && host.owner === power ? host : undefined;
  }

  #created({ call, answer, ok }: Exchange): void {
    if (!ok) return;
    const node = nodeOf(call.actor);
    const { id, bundle } = call.full as CreateRequest;
    const host = this.#world.nodes.get(node)?.host;
    let containers = this.#containers.get(node);
    if (!containers) this.#containers.set(node, (containers = new Map()));
    const { pid } = answer.full as CreateResponse;
    containers.set(id, { node, id, bundle, pid, power: host?.on ? host.owner : undefined, status: 'created', killed: false });
  }

  #reach(container: OciContainer | undefined, status: ContainerStatus): void {
    if (container && stageOf(status) > stageOf(container.status)) container.status = status;
  }
}
