import type { CloudApi, CreateLoadBalancerRequest, Instance } from '@slipway/cloud';
import {
  type CloudProvider,
  type CpiServices,
  defaultLoadBalancerName,
  type ExistsResponse,
  type GetLoadBalancerResponse,
  type InstanceMetadataResponse,
  type InstancesV2,
  type LoadBalancer,
  type LoadBalancerNameResponse,
  type LoadBalancerStatusResponse,
  type NodeRequest,
  sentinel,
  type ServiceNodesRequest,
  type ServiceRequest,
  type ShutdownResponse,
  sourceRangesOf,
} from '@slipway/cpi';
import { type Client, codeOf, type Implementation, type Process } from '@slipway/kernel';
import type { LoadBalancerStatus } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';

/** `my-name://i-0123`: how a Node says which machine it is. */
const PREFIX = 'my-name://';

/** Machines. The cloud-node controllers call it for each new node, and whenever a node is not ready. Upstream: `InstancesV2`. */
class MyNameInstances implements Implementation<InstancesV2> {
  readonly #cloud: Client<CloudApi>;

  constructor(cloud: Client<CloudApi>) {
    this.#cloud = cloud;
  }

  /** `false` is definite: the Node is deleted. When in doubt, throw. */
  *instanceExists({ node }: NodeRequest): Process<ExistsResponse> {
    const instance = yield* this.find(node);
    return { exists: instance !== undefined && instance.state !== 'terminated' };
  }

  /** A machine that is off keeps its Node, with a taint. */
  *instanceShutdown({ node }: NodeRequest): Process<ShutdownResponse> {
    return { shutdown: (yield* this.find(node))?.state === 'stopped' };
  }

  /** What the new node is told of itself: id, addresses, zone. Until then it has a taint that keeps pods away. */
  *instanceMetadata({ node }: NodeRequest): Process<InstanceMetadataResponse> {
    const instance = yield* this.find(node);
    if (!instance || instance.state === 'terminated') throw sentinel('InstanceNotFound');
    const { region } = yield* this.#cloud.describeZones({});
    return {
      metadata: {
        providerId: node.spec.providerID || `${PREFIX}${instance.instanceId}`,
        instanceType: instance.instanceType,
        nodeAddresses: [
          { type: 'InternalIP', address: instance.privateIp },
          { type: 'Hostname', address: node.metadata.name },
        ],
        zone: instance.zone,
        region,
      },
    };
  }

  /** By id where the node has one, else by name. Undefined: the cloud is sure that there is none. */
  *find({ metadata: { name }, spec: { providerID } }: NodeRequest['node']): Process<Instance | undefined> {
    if (!providerID) {
      const { instances } = yield* this.#cloud.describeInstances({ names: [name] });
      const running = instances.find(({ state }) => state !== 'terminated');
      // A name that nobody has is no proof: the machine may be on its way.
      if (!running) throw sentinel('InstanceNotFound');
      return running;
    }
    try {
      return (yield* this.#cloud.describeInstances({ instanceIds: [providerID.slice(PREFIX.length)] })).instances[0];
    } catch (error) {
      if (codeOf(error) === 'InvalidInstanceID.NotFound') return undefined;
      throw error;
    }
  }
}

/** Balancers for Services of type LoadBalancer. The service controller calls it; each call is safe to repeat. Upstream: `LoadBalancer`. */
class MyNameBalancers implements Implementation<LoadBalancer> {
  readonly #cloud: Client<CloudApi>;
  readonly #instances: MyNameInstances;

  constructor(cloud: Client<CloudApi>, instances: MyNameInstances) {
    this.#cloud = cloud;
    this.#instances = instances;
  }

  getLoadBalancerName({ service }: ServiceRequest): LoadBalancerNameResponse {
    return { name: defaultLoadBalancerName(service) };
  }

  *getLoadBalancer({ service }: ServiceRequest): Process<GetLoadBalancerResponse> {
    const { loadBalancers } = yield* this.#cloud.describeLoadBalancers({ names: [defaultLoadBalancerName(service)] });
    return loadBalancers[0] ? { exists: true, status: statusOf(loadBalancers[0]) } : { exists: false };
  }

  *ensureLoadBalancer(request: ServiceNodesRequest): Process<LoadBalancerStatusResponse> {
    const wanted = yield* this.#wanted(request);
    const { loadBalancers } = yield* this.#cloud.describeLoadBalancers({ names: [wanted.name] });
    const { loadBalancer } = loadBalancers[0]
      ? yield* ordered(this.#cloud.modifyLoadBalancer(wanted))
      : yield* ordered(this.#cloud.createLoadBalancer({ ...wanted, kind: 'network' }));
    return { status: statusOf(loadBalancer) };
  }

  /** Only the nodes have changed. */
  *updateLoadBalancer(request: ServiceNodesRequest): Process<object> {
    const { name, targets } = yield* this.#wanted(request);
    yield* ordered(this.#cloud.modifyLoadBalancer({ name, targets }));
    return {};
  }

  *ensureLoadBalancerDeleted({ service }: ServiceRequest): Process<object> {
    yield* this.#cloud.deleteLoadBalancer({ name: defaultLoadBalancerName(service) });
    return {};
  }

  /** From the balancer's port to the node port, on every node. */
  *#wanted({ service, nodes }: ServiceNodesRequest): Process<Omit<CreateLoadBalancerRequest, 'kind' | 'scheme' | 'tags'>> {
    const listeners = (service.spec.ports ?? []).map(({ port, nodePort = 0, protocol }) => ({
      protocol: protocol === 'UDP' ? ('UDP' as const) : ('TCP' as const),
      port,
      targetPort: nodePort,
    }));
    const targets: string[] = [];
    for (const node of nodes) targets.push((yield* this.#instances.find(node))?.instanceId ?? '');
    return {
      name: defaultLoadBalancerName(service),
      listeners,
      healthCheck: { protocol: 'TCP', port: listeners[0]?.targetPort ?? 0 },
      targets: targets.filter((id) => id !== '').sort(),
      sourceRanges: sourceRangesOf(service),
    };
  }
}

/** A machine may go between the question and the order. The cloud's code is no code of this interface; whoever asked asks again. */
function* ordered<T>(order: Process<T>): Process<T> {
  try {
    return yield* order;
  } catch (error) {
    throw new Error(`the cloud refuses: ${codeOf(error)}`);
  }
}

const statusOf = ({ dnsName }: { readonly dnsName: string }): LoadBalancerStatus => ({ ingress: [{ hostname: dnsName }] });

/** The provider's parts over a cloud; interfaces that it does not have (zones, clusters, routes) are left out. */
export function provider(cloud: Client<CloudApi>): CpiServices {
  const instancesV2 = new MyNameInstances(cloud);
  const self: Implementation<CloudProvider> = {
    providerName: () => ({ providerName: 'my-name' }),
    hasClusterId: () => ({ hasClusterId: true }),
  };
  return { ...self, instancesV2, loadBalancer: new MyNameBalancers(cloud, instancesV2) };
}

export default definePlugin({
  interface: 'cpi',
  name: 'my-name',
  description: 'Machines and load balancers of the cloud that the cluster stands in',
  // Called once per cluster.
  create: ({ cloud }) => provider(cloud),
});
