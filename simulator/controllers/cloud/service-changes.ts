import { finalizers, isSemanticallyEqual, type Service, type ServicePort } from '@slipway/kube';

// Which changes of a Service concern its balancer. Source: cloud-provider `controllers/service/controller.go`.

/** A Service with a class is some other controller's. */
export function wantsLoadBalancer({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
}

export function hasFinalizer({ metadata }: Service): boolean {
  return metadata.finalizers?.includes(finalizers.loadBalancerCleanup) ?? false;
}

/** It has, or may have, a balancer that it no longer wants. */
export function needsCleanup(service: Service): boolean {
  return hasFinalizer(service) && (service.metadata.deletionTimestamp !== undefined || service.spec.type !== 'LoadBalancer');
}

/** Whether the balancer may have to change. */
export function needsUpdate(old: Service, service: Service): boolean {
  const wants = wantsLoadBalancer(service);
  if (wantsLoadBalancer(old) !== wants) return true;
  if (!wants) return false;
  const [before, after] = [old.spec, service.spec];
  return (
    old.metadata.uid !== service.metadata.uid ||
    before.sessionAffinity !== after.sessionAffinity ||
    before.loadBalancerIP !== after.loadBalancerIP ||
    before.externalTrafficPolicy !== after.externalTrafficPolicy ||
    before.healthCheckNodePort !== after.healthCheckNodePort ||
    (before.ipFamilies?.length ?? 0) !== (after.ipFamilies?.length ?? 0) ||
    !isSemanticallyEqual(before.loadBalancerSourceRanges, after.loadBalancerSourceRanges) ||
    !isSemanticallyEqual(before.sessionAffinityConfig, after.sessionAffinityConfig) ||
    !isSemanticallyEqual(before.externalIPs, after.externalIPs) ||
    !isSemanticallyEqual(old.metadata.annotations, service.metadata.annotations) ||
    !samePorts(before.ports ?? [], after.ports ?? [])
  );
}

function samePorts(before: readonly ServicePort[], after: readonly ServicePort[]): boolean {
  if (before === after) return true;
  if (before.length !== after.length) return false;
  return before.every((old, index) => {
    const port = after[index];
    return (
      port !== undefined &&
      old.name === port.name &&
      old.protocol === port.protocol &&
      old.port === port.port &&
      old.nodePort === port.nodePort &&
      old.targetPort === port.targetPort &&
      old.appProtocol === port.appProtocol
    );
  });
}
