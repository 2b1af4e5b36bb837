import { type ControllerDefinition, runController, SharedInformers } from '@slipway/client';
import type { Kernel, Owner } from '@slipway/kernel';
import { type ApiServer, connect } from '../apiserver/index.ts';
import { controllers } from '../controllers/index.ts';
import { createScheduler, type Scheduler } from '../scheduler/index.ts';

export interface ControlPlaneOptions {
  /** All pod addresses: the nodes' ranges are taken from it. */
  readonly clusterCidr: string;
}

/** The parts of the control plane beside the API server, each with an owner of its own. */
export interface ControlPlane {
  readonly scheduler: Scheduler;
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
  const manager = owner('kube-controller-manager');
  const informers = new SharedInformers({ api: connect(server, manager), owner: manager });
  const start = (definition: ControllerDefinition): void => {
    const own = manager.child(definition.name);
    owners.set(definition.name, own);
    runController(definition, { api: connect(server, own), owner: own, informers });
  };
  for (const definition of controllers(options)) start(definition);
  return { scheduler, owners };
}
