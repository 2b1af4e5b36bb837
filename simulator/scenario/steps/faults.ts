import { all, type Process } from '@slipway/kernel';
import { checkFault } from '../../faults/index.ts';
import { resolveNodes } from '../references.ts';
import type { FaultDocument, RestartDocument, StepDocument } from '../schema.ts';
import type { Value } from '../variables.ts';
import { nodesSubject, refused } from './machines.ts';
import { type StepContext, type StepKind, valueOf } from './step-kind.ts';

// Faults, partitions and restarts go through the fault board and the world: nobody with kubectl can do them.

/** One document for each node that the reference stands for, variables put in; one without a node where it names none. */
function forEachNode<D extends { readonly node?: FaultDocument['node'] }>(
  { node, ...rest }: D,
  { cluster, variables }: StepContext,
): (Omit<D, 'node'> & { readonly node?: string })[] {
  const told = variables.data(rest);
  // A variable of several nodes is every one of them here, and in a text only the first.
  return node === undefined ? [told] : resolveNodes(node, cluster, variables).map((name) => ({ ...told, node: name }));
}

/** The name under which the board keeps the part of a step that concerns one node. Without `as` the board finds one. */
export function named(as: string | undefined, index: number): { readonly name?: string } {
  if (as === undefined) return {};
  return { name: index === 0 ? as : `${as}-${index + 1}` };
}

export const faultStep: StepKind<FaultDocument> = {
  check({ node: _node, ...fault }, checker) {
    for (const { path, message, fix } of checkFault(fault)) checker.problem(path, message, fix);
  },
  subject: ({ on }) => on,
  *perform(document, context, { as }): Process<Value | undefined> {
    try {
      const faults = forEachNode(document, context);
      return valueOf(faults.map((fault, index) => context.cluster.faults.set({ ...fault, ...named(as, index) })));
    } catch (error) {
      throw refused(error);
    }
  },
};

export const healStep: StepKind<NonNullable<StepDocument['heal']>> = {
  subject: (document) => (typeof document === 'string' ? document : document.join(',')),
  *perform(document, { cluster, variables }): Process<Value | undefined> {
    const wanted = typeof document === 'string' ? [document] : document;
    try {
      for (const name of wanted) {
        if (name === 'all') cluster.faults.healAll();
        // A step that struck several nodes has kept several names under its own.
        else for (const fault of variables.texts(name.startsWith('$') ? name : `$${name}`)) cluster.faults.heal(fault);
      }
    } catch (error) {
      throw refused(error);
    }
    return undefined;
  },
};

export const restartStep: StepKind<RestartDocument> = {
  check({ part, plugin, node }, checker) {
    const problem: typeof checker.problem = (path, message, fix) => checker.problem(path, message, fix);
    if (part === undefined && plugin === undefined && node === undefined)
      problem([], 'names nothing to restart', 'write for example "part: kube-scheduler", "plugin: csi/ebs" or "node: node-1"');
    if (part !== undefined && plugin !== undefined) {
      problem(['plugin'], '"part" and "plugin" exclude each other', 'write two steps');
      return;
    }
    if (part !== undefined && part !== 'kubelet' && node !== undefined)
      problem(['node'], `${part} runs on no node`, 'leave "node" out, or write "part: kubelet"');
    const own = plugin?.split('/')[0];
    if (own !== undefined && !INTERFACES.includes(own))
      problem(['plugin'], `there is no interface "${own}"`, `interfaces are ${INTERFACES.join(', ')}`);
    else if (own !== undefined && CLUSTER_WIDE.includes(own) && node !== undefined)
      problem(['node'], `the ${own} plugin is one of the cluster, not of a node`, 'leave "node" out');
  },
  subject({ part, plugin, node }, context) {
    const where = node === undefined ? [] : [nodesSubject(node, context)];
    return [...(part === undefined ? [] : [part]), ...(plugin === undefined ? [] : [plugin]), ...where].join('/');
  },
  *perform(document, context): Process<Value | undefined> {
    const { cluster } = context;
    const restarts = forEachNode(document, context);
    try {
      // All at once: each takes as long as its part is away.
      yield* all(restarts.map((restart) => cluster.restart(restart)));
    } catch (error) {
      throw refused(error);
    }
    return valueOf(restarts.flatMap(({ node }) => node ?? []));
  },
};

const CLUSTER_WIDE = ['cpi', 'smi', 'cloud'];
/** Of the others each node has one; a storage driver has a part for the cluster and one on each node. */
const INTERFACES = ['cri', 'cni', 'oci', 'csi', ...CLUSTER_WIDE];
