import { parseCidr, parseIp } from '@slipway/host';
import type { AllowedCodes, Rule } from '@slipway/kernel';
import type { LoadBalancerStatus, NodeAddress } from '@slipway/kube';
import type { CpiCode } from './errors.ts';
import type * as m from './messages.ts';

const PROVIDER_ID = /^[a-z0-9][a-z0-9.-]*:\/\/\S+$/;
const PROVIDER_NAME = /^[a-z0-9][a-z0-9.-]*$/;
const ADDRESS_TYPES: ReadonlySet<string> = new Set(['Hostname', 'InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS']);

/** What is wrong with a provider id, if anything: `<provider name>://<what the provider knows the machine by>`. Source: cloud.go, GetInstanceProviderID. */
export function invalidProviderId(text: string): string | undefined {
  return PROVIDER_ID.test(text) ? undefined : `"${text}" is not <provider>://<instance>`;
}

/** What is wrong with a list of addresses, if anything. Source: core/v1 NodeAddressType. */
export function invalidAddresses(addresses: readonly NodeAddress[]): string | undefined {
  for (const { type, address } of addresses) {
    if (!ADDRESS_TYPES.has(type)) return `address type "${type}" is none of ${[...ADDRESS_TYPES].join(', ')}`;
    if (address === '') return `an address of type ${type} is empty`;
    if ((type === 'InternalIP' || type === 'ExternalIP') && !parseIp(address)) return `${type} "${address}" is no IP address`;
  }
  return undefined;
}

/** What is wrong with a balancer's status, if anything: each entry has an address or a name. Source: core/v1 LoadBalancerIngress. */
export function invalidStatus({ ingress = [] }: LoadBalancerStatus): string | undefined {
  for (const { ip, hostname } of ingress) {
    if (ip === undefined && hostname === undefined) return 'an ingress has neither ip nor hostname';
    if (ip !== undefined && !parseIp(ip)) return `ingress ip "${ip}" is no IP address`;
  }
  return undefined;
}

/** A provider may fail with any Go error, which is UNKNOWN here, and with the named ones that its caller knows what to do about. */
function codes(...named: readonly CpiCode[]): AllowedCodes {
  return {
    allows: (code) => code === 'UNKNOWN' || (named as readonly string[]).includes(code),
    text: ['UNKNOWN (any other error)', ...named].join(', '),
  };
}

/** Codes per kind of call. */
export const allowedCodes: {
  readonly plain: AllowedCodes;
  readonly ensure: AllowedCodes;
  readonly update: AllowedCodes;
  readonly instance: AllowedCodes;
} = {
  plain: codes(),
  ensure: codes('RetryError', 'ImplementedElsewhere'),
  update: codes('ImplementedElsewhere'),
  instance: codes('InstanceNotFound', 'NotImplemented'),
};

const nameOf: Rule<m.Empty, m.ProviderNameResponse> = {
  id: 'cpi.provider-name.form',
  source: 'cloud.go, Interface.ProviderName',
  response: (_request, { providerName }) =>
    PROVIDER_NAME.test(providerName) ? undefined : `"${providerName}" cannot be the first part of a provider id`,
};

const clusterNamed: Rule<{ readonly clusterName: string }, unknown> = {
  id: 'cpi.cluster-name.required',
  source: 'cloud.go, clusterName of LoadBalancer, Routes and Clusters',
  request: ({ clusterName }) => (clusterName ? undefined : 'clusterName is empty'),
};

const serviceKnown: Rule<m.ServiceRequest, unknown> = {
  id: 'cpi.service.uid-required',
  source: 'cloud.go, DefaultLoadBalancerName',
  request: ({ service }) => (service.metadata.uid ? undefined : 'the Service has no uid'),
};

const statusOfExisting: Rule<m.ServiceRequest, m.GetLoadBalancerResponse> = {
  id: 'cpi.get-load-balancer.status',
  source: 'cloud.go, LoadBalancer.GetLoadBalancer',
  response(_request, { exists, status }) {
    if (typeof exists !== 'boolean') return 'exists is not said';
    if (!exists) return undefined;
    return status ? invalidStatus(status) : 'a balancer that exists has a status';
  },
};

const statusReturned: Rule<m.ServiceNodesRequest, m.LoadBalancerStatusResponse> = {
  id: 'cpi.ensure-load-balancer.status-required',
  source: 'controllers/service/controller.go, syncLoadBalancerIfNeeded',
  response: (_request, { status }) => (status ? invalidStatus(status) : 'service status returned by EnsureLoadBalancer is nil'),
};

const balancerNamed: Rule<m.ServiceRequest, m.LoadBalancerNameResponse> = {
  id: 'cpi.load-balancer-name.required',
  source: 'cloud.go, LoadBalancer.GetLoadBalancerName',
  response: (_request, { name }) => (name ? undefined : 'the name is empty'),
};

const nodeNamed: Rule<m.NodeRequest, unknown> = {
  id: 'cpi.node.name-required',
  source: 'cloud.go, InstancesV2',
  request: ({ node }) => (node.metadata.name ? undefined : 'the Node has no name'),
};

const byNodeName: Rule<m.NodeNameRequest, unknown> = {
  id: 'cpi.node-name.required',
  source: 'cloud.go, Instances and Zones',
  request: ({ nodeName }) => (nodeName ? undefined : 'nodeName is empty'),
};

const addressesValid: Rule<unknown, m.NodeAddressesResponse> = {
  id: 'cpi.node-addresses.valid',
  source: 'core/v1 NodeAddress',
  response: (_request, { addresses }) => invalidAddresses(addresses),
};

const existsSaid: Rule<unknown, m.ExistsResponse> = {
  id: 'cpi.instance-exists.definite',
  source: 'cloud.go, InstancesV2.InstanceExists',
  // A node is deleted on false: what is not plainly true or false must not pass for either.
  response: (_request, { exists }) => (typeof exists === 'boolean' ? undefined : `exists is ${String(exists)}, neither true nor false`),
};

const shutdownSaid: Rule<unknown, m.ShutdownResponse> = {
  id: 'cpi.instance-shutdown.definite',
  source: 'cloud.go, InstancesV2.InstanceShutdown',
  response: (_request, { shutdown }) =>
    typeof shutdown === 'boolean' ? undefined : `shutdown is ${String(shutdown)}, neither true nor false`,
};

const metadataValid: Rule<m.NodeRequest, m.InstanceMetadataResponse> = {
  id: 'cpi.instance-metadata.provider-id',
  source: 'cloud.go, InstanceMetadata; controllers/node/node_controller.go, getInstanceMetadata',
  response({ node }, { metadata }) {
    if (!metadata) return undefined;
    if (metadata.providerId === '' && !node.spec.providerID)
      return `cloud provider does not set node provider ID for node ${node.metadata.name}`;
    const id = metadata.providerId === '' ? undefined : invalidProviderId(metadata.providerId);
    return id ?? invalidAddresses(metadata.nodeAddresses);
  },
};

const routeWanted: Rule<m.CreateRouteRequest, unknown> = {
  id: 'cpi.create-route.route-valid',
  source: 'cloud.go, Routes.CreateRoute',
  request({ route, nameHint }) {
    if (!nameHint) return 'nameHint is empty: it is the node uid';
    if (!route.targetNode) return 'route.targetNode is empty';
    return parseCidr(route.destinationCidr) ? undefined : `route.destinationCidr "${route.destinationCidr}" is no network`;
  },
};

const routesListed: Rule<m.ClusterRequest, m.ListRoutesResponse> = {
  id: 'cpi.list-routes.routes-valid',
  source: 'cloud.go, Route',
  response(_request, { routes }) {
    for (const { name, targetNode, blackhole, destinationCidr } of routes) {
      if (!name) return `the route to ${destinationCidr} has no name`;
      // A route whose machine is gone has nowhere to go.
      if (!targetNode && !blackhole) return `route ${name} has no targetNode and is no blackhole`;
      if (!parseCidr(destinationCidr)) return `route ${name}: "${destinationCidr}" is no network`;
    }
    return undefined;
  },
};

/** What the link checks around the calls, by what they are about. */
export const rules = {
  providerName: [nameOf],
  cluster: [clusterNamed],
  getLoadBalancer: [clusterNamed, serviceKnown, statusOfExisting],
  loadBalancerName: [clusterNamed, serviceKnown, balancerNamed],
  ensureLoadBalancer: [clusterNamed, serviceKnown, statusReturned],
  service: [clusterNamed, serviceKnown],
  nodeAddressesByName: [byNodeName, addressesValid],
  nodeAddresses: [addressesValid],
  nodeName: [byNodeName],
  exists: [existsSaid],
  shutdown: [shutdownSaid],
  nodeExists: [nodeNamed, existsSaid],
  nodeShutdown: [nodeNamed, shutdownSaid],
  metadata: [nodeNamed, metadataValid],
  listRoutes: [clusterNamed, routesListed],
  createRoute: [clusterNamed, routeWanted],
} as const;
