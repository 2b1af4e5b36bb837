import type { CreateLoadBalancerRequest, Listener, LoadBalancer, ModifyLoadBalancerRequest } from '@slipway/cloud';
import { isEqual, type Service } from '@slipway/kube';
import { defaultLoadBalancerName, healthCheckOf, sourceRangesOf } from '../../balancers.ts';
import { CpiError } from '../../errors.ts';

const TYPE = 'service.beta.kubernetes.io/aws-load-balancer-type';
const INTERNAL = 'service.beta.kubernetes.io/aws-load-balancer-internal';

/** Somebody else's: the AWS Load Balancer Controller makes these. Source: aws_loadbalancer.go, isLBExternal. */
export function isMadeElsewhere({ metadata }: Service): boolean {
  const type = metadata.annotations?.[TYPE];
  return type === 'nlb-ip' || type === 'external';
}

/**
 * The balancer that a Service asks for. Source: cloud-provider-aws `pkg/providers/v1/aws.go`, EnsureLoadBalancer.
 *
 * @throws CpiError UNKNOWN for what AWS cannot do
 */
export function wantedBalancer(
  service: Service,
  clusterName: string,
  targets: readonly string[],
): Required<Omit<CreateLoadBalancerRequest, 'name'>> & { readonly name: string } {
  const { spec, metadata } = service;
  const kind = metadata.annotations?.[TYPE] === 'nlb' ? 'network' : 'classic';
  const affinity = spec.sessionAffinity ?? 'None';
  if (affinity !== 'None') throw new CpiError('UNKNOWN', `unsupported load balancer affinity: ${affinity}`);
  const listeners = listenersOf(service, kind);
  if (spec.loadBalancerIP) throw new CpiError('UNKNOWN', 'LoadBalancerIP cannot be specified for AWS ELB');
  const internal = metadata.annotations?.[INTERNAL];
  const own = healthCheckOf(service);
  return {
    name: defaultLoadBalancerName(service),
    kind,
    scheme: internal === undefined || internal === '' || internal === 'false' ? 'internet-facing' : 'internal',
    listeners,
    healthCheck: own ? { protocol: 'HTTP', port: own.port, path: own.path } : { protocol: 'TCP', port: listeners[0]?.targetPort ?? 0 },
    targets,
    sourceRanges: sourceRangesOf(service),
    tags: {
      [`kubernetes.io/cluster/${clusterName}`]: 'owned',
      'kubernetes.io/service-name': `${metadata.namespace ?? 'default'}/${metadata.name}`,
    },
  };
}

function listenersOf({ spec }: Service, kind: LoadBalancer['kind']): readonly Listener[] {
  const ports = spec.ports ?? [];
  if (ports.length === 0) throw new CpiError('UNKNOWN', 'requested load balancer with no ports');
  const protocols = ports.map(({ protocol = 'TCP' }) => protocol);
  if (new Set(protocols).size > 1) throw new CpiError('UNKNOWN', 'mixed protocol is not supported for LoadBalancer');
  const listeners: Listener[] = [];
  for (const { protocol = 'TCP', port, nodePort } of ports) {
    // Source: aws.go, checkProtocol: classic balancers carry TCP alone.
    if ((protocol !== 'TCP' && protocol !== 'UDP') || (protocol === 'UDP' && kind === 'classic'))
      throw new CpiError('UNKNOWN', `Protocol ${protocol} not supported by LoadBalancer`);
    if (nodePort) listeners.push({ protocol, port, targetPort: nodePort });
  }
  if (listeners.length === 0) throw new CpiError('UNKNOWN', 'requested load balancer with no node ports');
  return listeners;
}

/** What must change to turn what is there into what is wanted; undefined: nothing. The scheme of a balancer is for life. */
export function modification(
  there: LoadBalancer,
  wanted: Pick<Required<CreateLoadBalancerRequest>, 'listeners' | 'healthCheck' | 'targets' | 'sourceRanges'>,
): ModifyLoadBalancerRequest | undefined {
  const { listeners, healthCheck, targets, sourceRanges } = wanted;
  const change: ModifyLoadBalancerRequest = {
    name: there.name,
    ...(isEqual(there.listeners, listeners) ? {} : { listeners }),
    ...(isEqual(there.healthCheck, healthCheck) ? {} : { healthCheck }),
    ...(isEqual([...there.targets].sort(), targets) ? {} : { targets }),
    ...(isEqual([...there.sourceRanges].sort(), sourceRanges) ? {} : { sourceRanges }),
  };
  return Object.keys(change).length > 1 ? change : undefined;
}
