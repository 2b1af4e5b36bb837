import { type ControllerDefinition, runController, SharedInformers } from '@slipway/client';
import type { CloudNetwork } from '@slipway/cloud';
import type { CpiClients } from '@slipway/cpi';
import type { Kernel, Owner } from '@slipway/kernel';
import { type ApiServer, connect } from '../apiserver/index.ts';
import { cloudControllers, controllers } from '../controllers/index.ts';
import type { Provider } from './cloud-assembly.ts';
import { createScheduler, type Scheduler } from '../scheduler/index.ts';

export interface ControlPlaneOptions {
  /** All pod addresses: the nodes' ranges are taken from it. */
  readonly clusterCidr: string;
  /** Makes the cloud provider for its caller, the cloud-controller-manager. For one that is absent nobody runs the cloud's controllers. */
  provider(manager: Owner): Provider;
  /** Whether the cloud's routers carry pod addresses. False where the network plugin does that itself. */
  readonly configureCloudRoutes: boolean;
}

/** The parts of the control plane beside the API server, each with an owner of its own. */
export interface ControlPlane {
  readonly scheduler: Scheduler;
  /** The cloud provider, as the cloud-controller-manager reaches it. */
  readonly cpi: CpiClients;
  /** False: nobody initialises nodes. */
  readonly hasProvider: boolean;
  readonly providerNetwork: CloudNetwork | undefined;
  readonly owners: ReadonlyMap<string, Owner>;
}

/** Starts scheduler and controllers. The controllers share their caches, as in one kube-controller-manager. */
export function startControlPlane(kernel: Kernel, server: ApiServer, options: ControlPlaneOptions): ControlPlane {
  const owners = new Map<string, Owner>();
  const owner = (name: string): Owner => {
    const made = kernel.owner(name);
    owners.set(name, made);
    return made;
  };
  const schedulerOwner = owner('kube-scheduler');
  const scheduler = createScheduler({ api: connect(server, schedulerOwner), owner: schedulerOwner, kernel });
  const run = (manager: Owner, definitions: readonly ControllerDefinition[]): void => {
    const informers = new SharedInformers({ api: connect(server, manager), owner: manager });
    for (const definition of definitions) {
      const own = manager.child(definition.name);
      owners.set(definition.name, own);
      runController(definition, { api: connect(server, own), owner: own, informers });
    }
  };
  run(owner('kube-controller-manager'), controllers(options));
  const cloudManager = owner('cloud-controller-manager');
  const { clients: cpi, absent, network } = options.provider(cloudManager);
  if (!absent) run(cloudManager, cloudControllers({ cpi, clusterName: 'kubernetes', ...options }));
  return { scheduler, cpi, providerNetwork: network, hasProvider: !absent, owners };
}
