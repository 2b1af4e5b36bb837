// Wrong: a balancer keeps the targets that it was made with.
import { providerWith } from './correct/provider.ts';

export default providerWith({ loadBalancer: () => ({ updateLoadBalancer: () => ({}) }) });
