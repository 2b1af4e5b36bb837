// Wrong: the balancer of a Service that is no LoadBalancer any more is left.
import type { ServiceRequest } from '@slipway/cpi';
import { providerWith } from './correct/provider.ts';

export default providerWith({
  loadBalancer: (good) => ({
    ensureLoadBalancerDeleted: (request: ServiceRequest) =>
      request.service.spec.type === 'LoadBalancer' ? good.ensureLoadBalancerDeleted(request) : {},
  }),
});
