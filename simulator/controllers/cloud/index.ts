import type { ControllerDefinition } from '@slipway/client';
import type { CpiClients } from '@slipway/cpi';
import { cloudNodeController } from './cloud-node-controller.ts';
import { cloudNodeLifecycleController } from './cloud-node-lifecycle-controller.ts';
import { routeController } from './route-controller.ts';
import { serviceLbController } from './service-lb-controller.ts';

export { cloudNodeController } from './cloud-node-controller.ts';
export { cloudNodeLifecycleController } from './cloud-node-lifecycle-controller.ts';
export { routeController } from './route-controller.ts';
export { serviceLbController } from './service-lb-controller.ts';

export interface CloudControllerSettings {
  readonly cpi: CpiClients;
  /** `kubernetes` upstream. */
  readonly clusterName: string;
  /** All pod addresses: routes outside of it are somebody else's. Several, with commas, for both families. */
  readonly clusterCidr: string;
  /** False where the network brings its own routes. */
  readonly configureCloudRoutes: boolean;
}

/** The controllers of cloud-controller-manager that the provider has interfaces for, made anew for each world. */
export function cloudControllers(settings: CloudControllerSettings): readonly ControllerDefinition[] {
  const { cpi, clusterName, clusterCidr, configureCloudRoutes } = settings;
  const { instances, instancesV2, loadBalancer, routes } = cpi;
  return [
    ...(instances || instancesV2 ? [cloudNodeController({ cpi }), cloudNodeLifecycleController({ cpi })] : []),
    ...(loadBalancer ? [serviceLbController({ loadBalancer, clusterName })] : []),
    ...(routes && configureCloudRoutes
      ? [routeController({ routes, clusterName, clusterCidr, ...(cpi.changed && { changed: cpi.changed }) })]
      : []),
  ];
}
