import type { Process } from '@slipway/kernel';
import { suggestion } from '@slipway/kube/schema';
import { BadReference, resolveNodes } from '../references.ts';
import type { PartitionDocument } from '../schema.ts';
import type { Value } from '../variables.ts';
import { named } from './faults.ts';
import { nodesSubject, refused } from './machines.ts';
import { type StepContext, type StepKind, valueOf } from './step-kind.ts';

/** What a node may be cut off from beside other nodes. */
const PLACES = ['control-plane', 'cloud', 'registry', 'outside'];

const listOf = (from: PartitionDocument['from'] = []): readonly string[] => (typeof from === 'string' ? [from] : from);

export const partitionStep: StepKind<PartitionDocument> = {
  check({ node, from }, checker) {
    if (from === undefined) return;
    const others = listOf(from);
    const pathOf = (index: number): (string | number)[] => (typeof from === 'string' ? ['from'] : ['from', index]);
    if (others.length === 0 || others.includes(''))
      checker.problem(
        ['from'],
        'names nobody',
        `leave "from" out to cut the node off from everybody, or name ${PLACES.join(', ')} or nodes`,
      );
    for (const [index, other] of others.entries()) {
      if (other === '' || other.startsWith('$') || PLACES.includes(other)) continue;
      if (other === node) checker.problem(pathOf(index), 'a node cannot be cut off from itself', 'name another one');
      // Which nodes there are is known in the run only: a slip in one of the four words is told before.
      const near = suggestion(other, PLACES);
      if (near !== undefined && !/\d/.test(other))
        checker.problem(pathOf(index), `there is no place "${other}"`, `did you mean "${near}"?`);
    }
  },
  subject: ({ node }, context) => nodesSubject(node, context),
  *perform({ node, from, ...rest }, context, { as }): Process<Value | undefined> {
    const { cluster, variables } = context;
    const others = from === undefined ? {} : { from: listOf(from).flatMap((each) => placesOf(each, context)) };
    try {
      const nodes = resolveNodes(node, cluster, variables);
      return valueOf(nodes.map((name, index) => cluster.faults.partition({ ...rest, ...others, node: name, ...named(as, index) })));
    } catch (error) {
      throw refused(error);
    }
  },
};

/** @throws BadReference for what is neither a place nor a node */
function placesOf(other: string, { cluster, variables }: StepContext): readonly string[] {
  if (PLACES.includes(other)) return [other];
  try {
    return resolveNodes(other, cluster, variables);
  } catch (error) {
    if (!(error instanceof BadReference)) throw error;
    throw new BadReference(`${error.message}, and no place of this name`, `beside nodes there is ${PLACES.join(', ')}`);
  }
}
