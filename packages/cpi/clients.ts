import type { Client, Implementation, Service } from '@slipway/kernel';
import type { CpiClients, CpiServices } from './plugin.ts';
import * as s from './service.ts';

/** Makes one link; the caller knows owners, latency and faults. */
export type Connect = <S>(implementation: Implementation<S>, service: Service<S>) => Client<S>;

/**
 * The clients of a provider: a link for the provider itself and for each interface that it has.
 *
 * ```ts
 * const cpi = cpiClients(services, (implementation, service) => link(implementation, { service, from, to }));
 * ```
 */
export function cpiClients(services: CpiServices, connect: Connect): CpiClients {
  return {
    provider: connect(services, s.cloudProvider),
    ...(services.informerUser && { informerUser: connect(services.informerUser, s.informerUser) }),
    ...(services.loadBalancer && { loadBalancer: connect(services.loadBalancer, s.loadBalancer) }),
    ...(services.instances && { instances: connect(services.instances, s.instances) }),
    ...(services.instancesV2 && { instancesV2: connect(services.instancesV2, s.instancesV2) }),
    ...(services.zones && { zones: connect(services.zones, s.zones) }),
    ...(services.clusters && { clusters: connect(services.clusters, s.clusters) }),
    ...(services.routes && { routes: connect(services.routes, s.routes) }),
    ...(services.pvLabeler && { pvLabeler: connect(services.pvLabeler, s.pvLabeler) }),
    ...(services.changed && { changed: services.changed }),
  };
}
