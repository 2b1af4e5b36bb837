import type { Action, StepDocument } from '../schema.ts';
import { applyStep } from './apply.ts';
import { cordonStep, uncordonStep } from './cordon.ts';
import { drainStep } from './drain.ts';
import { execStep } from './exec.ts';
import { faultStep, healStep, restartStep } from './faults.ts';
import { addNodesStep, powerOffStep, powerOnStep, removeNodeStep } from './machines.ts';
import { deleteStep, patchStep, scaleStep } from './objects.ts';
import { nodeFaultStep } from './node-fault.ts';
import { partitionStep } from './partition.ts';
import { requestStep } from './request.ts';
import type { StepKind } from './step-kind.ts';
import { taintStep, untaintStep } from './taints.ts';

/** Every action of the schema and how it is done: who adds one there has to add it here. */
export const STEPS: { readonly [A in Action]: StepKind<NonNullable<StepDocument[A]>> } = {
  apply: applyStep,
  delete: deleteStep,
  patch: patchStep,
  scale: scaleStep,
  addNodes: addNodesStep,
  removeNode: removeNodeStep,
  powerOff: powerOffStep,
  powerOn: powerOnStep,
  cordon: cordonStep,
  uncordon: uncordonStep,
  drain: drainStep,
  taint: taintStep,
  untaint: untaintStep,
  fault: faultStep,
  heal: healStep,
  restart: restartStep,
  partition: partitionStep,
  nodeFault: nodeFaultStep,
  request: requestStep,
  exec: execStep,
};

/** The entry of one action, for a document that is known to be of its form. */
export function stepKind(action: Action): StepKind<unknown> {
  return STEPS[action] as StepKind<unknown>;
}
