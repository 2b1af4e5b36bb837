import type { CloudApi, LoadBalancer as CloudBalancer } from '@slipway/cloud';
import { type Client, type Implementation, Mutex, type Process, seconds } from '@slipway/kernel';
import type { LoadBalancerStatus, Node } from '@slipway/kube';
import { defaultLoadBalancerName } from '../../balancers.ts';
import type { LoadBalancer } from '../../contract.ts';
import { CpiError, retryError, sentinel } from '../../errors.ts';
import type * as m from '../../messages.ts';
import { isMadeElsewhere, modification, wantedBalancer } from './balancer-plan.ts';
import { fromCloud } from './cloud-errors.ts';
import { tryInstanceId } from './provider-id.ts';

/** How soon to ask again for the name of a balancer that the cloud still sets up. */
const NAME_PENDING = seconds(10);

/**
 * Classic balancers, or network ones where the annotation asks for them. Source: cloud-provider-aws `pkg/providers/v1/aws.go`.
 *
 * Orders about one balancer wait for each other: one whose caller has given up may still be at work, and must not make anew what the
 * next one deletes.
 */
export class AwsLoadBalancer implements Implementation<LoadBalancer> {
  readonly #cloud: Client<CloudApi>;
  readonly #turns = new Map<string, { readonly mutex: Mutex; users: number }>();

  constructor(cloud: Client<CloudApi>) {
    this.#cloud = cloud;
  }

  *getLoadBalancer({ service }: m.ServiceRequest): Process<m.GetLoadBalancerResponse> {
    if (isMadeElsewhere(service)) return { exists: false };
    const name = defaultLoadBalancerName(service);
    // In turn as well: "does not exist" must not be said of one that is just being made.
    const there = yield* this.#inTurn(name, this.#describe(name));
    return there ? { exists: true, status: statusOf(there) } : { exists: false };
  }

  getLoadBalancerName({ service }: m.ServiceRequest): m.LoadBalancerNameResponse {
    return { name: defaultLoadBalancerName(service) };
  }

  *ensureLoadBalancer({ service, clusterName, nodes }: m.ServiceNodesRequest): Process<m.LoadBalancerStatusResponse> {
    if (isMadeElsewhere(service)) throw sentinel('ImplementedElsewhere');
    // What AWS cannot do is said before the cloud is asked anything.
    const { name } = wantedBalancer(service, clusterName, []);
    const balancer = yield* this.#inTurn(name, this.#ensure({ service, clusterName, nodes }));
    if (balancer.dnsName === '') throw retryError(`load balancer ${name} has no DNS name yet`, NAME_PENDING);
    return { status: statusOf(balancer) };
  }

  *updateLoadBalancer({ service, clusterName, nodes }: m.ServiceNodesRequest): Process<m.Empty> {
    if (isMadeElsewhere(service)) throw sentinel('ImplementedElsewhere');
    yield* this.#inTurn(defaultLoadBalancerName(service), this.#retarget({ service, clusterName, nodes }));
    return {};
  }

  *ensureLoadBalancerDeleted({ service }: m.ServiceRequest): Process<m.Empty> {
    if (isMadeElsewhere(service)) return {};
    const name = defaultLoadBalancerName(service);
    yield* this.#inTurn(name, this.#delete(name));
    return {};
  }

  *#ensure({ service, clusterName, nodes }: m.ServiceNodesRequest): Process<CloudBalancer> {
    const wanted = wantedBalancer(service, clusterName, yield* this.#targets(nodes));
    const there = yield* this.#describe(wanted.name);
    // A name belongs to one kind for good: what to do about it is the cloud's to say, as it is when the settings differ.
    if (!there || there.kind !== wanted.kind) return (yield* fromCloud(this.#cloud.createLoadBalancer(wanted))).loadBalancer;
    const change = modification(there, wanted);
    return change ? (yield* fromCloud(this.#cloud.modifyLoadBalancer(change))).loadBalancer : there;
  }

  *#retarget({ service, clusterName, nodes }: m.ServiceNodesRequest): Process {
    const targets = yield* this.#targets(nodes);
    const there = yield* this.#describe(defaultLoadBalancerName(service));
    if (!there) throw new CpiError('UNKNOWN', 'Load balancer not found');
    // Upstream ensures a network balancer anew, and changes the targets of a classic one.
    const change =
      there.kind === 'network'
        ? modification(there, wantedBalancer(service, clusterName, targets))
        : modification(there, { ...there, sourceRanges: [...there.sourceRanges].sort(), targets });
    if (change) yield* fromCloud(this.#cloud.modifyLoadBalancer(change));
  }

  *#delete(name: string): Process {
    if (yield* this.#describe(name)) yield* fromCloud(this.#cloud.deleteLoadBalancer({ name }));
  }

  *#describe(name: string): Process<CloudBalancer | undefined> {
    const { loadBalancers } = yield* fromCloud(this.#cloud.describeLoadBalancers({ names: [name] }));
    return loadBalancers[0];
  }

  /** The nodes' machines, sorted; those that the cloud does not know are left out. Source: aws_loadbalancer.go, findInstancesForELB. */
  *#targets(nodes: readonly Node[]): Process<readonly string[]> {
    const wanted = nodes.map(({ spec }) => tryInstanceId(spec.providerID ?? '')).filter((id) => id !== undefined);
    if (wanted.length === 0) return [];
    // All of them: asked for by id, one that is unknown would fail the call for all.
    const { instances } = yield* fromCloud(this.#cloud.describeInstances({}));
    const alive = new Set(instances.filter(({ state }) => state !== 'terminated').map(({ instanceId }) => instanceId));
    return wanted.filter((id) => alive.has(id)).sort();
  }

  *#inTurn<T>(name: string, work: Process<T>): Process<T> {
    let turn = this.#turns.get(name);
    if (!turn) this.#turns.set(name, (turn = { mutex: new Mutex(`balancer ${name}`), users: 0 }));
    turn.users += 1;
    try {
      return yield* turn.mutex.hold(work);
    } finally {
      turn.users -= 1;
      if (turn.users === 0) this.#turns.delete(name);
    }
  }
}

function statusOf({ dnsName }: CloudBalancer): LoadBalancerStatus {
  return dnsName === '' ? {} : { ingress: [{ hostname: dnsName }] };
}
