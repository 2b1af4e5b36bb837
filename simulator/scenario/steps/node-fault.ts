import type { Process } from '@slipway/kernel';
import { checkNodeFault } from '../../faults/index.ts';
import { resolveNodes } from '../references.ts';
import type { NodeFaultDocument } from '../schema.ts';
import type { Value } from '../variables.ts';
import { named } from './faults.ts';
import { nodesSubject, refused } from './machines.ts';
import { type StepKind, valueOf } from './step-kind.ts';

/** Something goes wrong with machines; nobody with kubectl can do that. */
export const nodeFaultStep: StepKind<NodeFaultDocument> = {
  check({ node: _node, for: _for, ...fault }, checker) {
    for (const { path, message, fix } of checkNodeFault(fault)) checker.problem(path, message, fix);
  },
  subject: ({ node }, context) => nodesSubject(node, context),
  *perform({ node, ...fault }, { cluster, variables }, { as }): Process<Value | undefined> {
    try {
      const nodes = resolveNodes(node, cluster, variables);
      return valueOf(nodes.map((name, index) => cluster.faults.nodeFault({ ...fault, node: name, ...named(as, index) })));
    } catch (error) {
      throw refused(error);
    }
  },
};
