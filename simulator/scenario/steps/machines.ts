import type { Process } from '@slipway/kernel';
import { resolveNodes } from '../references.ts';
import type { NodeRef, NodesDocument } from '../schema.ts';
import type { Value } from '../variables.ts';
import type { ScenarioNode } from '../cluster.ts';
import { StepError } from './step-error.ts';
import { type StepContext, type StepKind, valueOf } from './step-kind.ts';

/** The names of the nodes that a reference stands for, as the subject of a trace event. */
export function nodesSubject(reference: NodeRef, { cluster, variables }: StepContext): string {
  return resolveNodes(reference, cluster, variables).join(',');
}

/** The machine behind a node. A Node object may have none: somebody applied it, or its machine has been removed. */
export function machineOf(name: string, { cluster }: StepContext): ScenarioNode {
  const machine = cluster.nodes.get(name);
  if (machine) return machine;
  const names = [...cluster.nodes.keys()].sort((a, b) => (a < b ? -1 : 1));
  throw new StepError(`node "${name}" has no machine`, names.length === 0 ? undefined : `there is ${listed(names)}`);
}

const SHOWN = 8;

function listed(names: readonly string[]): string {
  return names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}

export const addNodesStep: StepKind<NodesDocument> = {
  *perform(document, { cluster }): Process<Value | undefined> {
    try {
      return valueOf(cluster.addNodes(document));
    } catch (error) {
      throw refused(error);
    }
  },
};

/** The world says no with a plain error in plain words; a defect goes on as it is. */
export function refused(error: unknown): unknown {
  return error instanceof Error && error.name === 'Error' ? new StepError(error.message) : error;
}

/** A step that does one thing to machines. */
function onMachines(act: (machine: ScenarioNode, context: StepContext) => void): StepKind<NodeRef> {
  return {
    subject: nodesSubject,
    *perform(reference, context): Process<Value | undefined> {
      const names = resolveNodes(reference, context.cluster, context.variables);
      // All are looked up before the first is touched: half a step is none.
      for (const machine of names.map((name) => machineOf(name, context))) act(machine, context);
      return valueOf(names);
    },
  };
}

export const powerOffStep = onMachines((machine) => machine.powerOff());
export const powerOnStep = onMachines((machine) => machine.powerOn());
export const removeNodeStep = onMachines(({ name }, { cluster }) => cluster.removeNode(name));
