import { suggestion } from '@slipway/kube/schema';
import type { Problem } from '../manifests/input-error.ts';
import type { PlaceOf } from './scenario.ts';
import type { ExpectationDocument, StepDocument } from './schema.ts';

/** A node that a document names, and where. */
interface Named {
  readonly path: readonly (string | number)[];
  readonly name: string;
}

/** What a node may be cut off from beside other nodes, and names that only the run knows. */
const isOpen = (name: string): boolean => name.includes('$') || ['control-plane', 'cloud', 'registry', 'outside'].includes(name);

/** Reports nodes that neither the cluster nor a step has: nobody would find them in the run. */
export function checkKnownNodes(
  document: StepDocument | ExpectationDocument,
  placeOf: PlaceOf,
  known: ReadonlySet<string>,
  problems: Problem[],
): void {
  for (const { path, name } of namedIn(document)) {
    const bare = name.replace(/^nodes?\//, '');
    if (isOpen(bare) || known.has(bare)) continue;
    const names = [...known];
    const near = suggestion(bare, names);
    problems.push({
      place: placeOf(path),
      message: `${path[0]}: there is no node "${bare}", and no step adds it`,
      fix: fixOf(bare, near, names),
    });
  }
}

function fixOf(name: string, near: string | undefined, names: readonly string[]): string {
  if (name.includes('/')) return `write { nodeOf: ${name} } for the node of its pod`;
  if (near !== undefined && near !== name) return `did you mean "${near}"?`;
  if (names.length === 0) return 'the cluster has no nodes: add some under cluster.nodes';
  return `there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`;
}

/** Steps whose whole value is a node. */
const WHOLE = ['removeNode', 'powerOff', 'powerOn', 'cordon', 'uncordon', 'drain'] as const;
/** Steps that have a key `node`. */
const WITHIN = ['drain', 'taint', 'untaint', 'fault', 'restart', 'partition', 'nodeFault'] as const;

function namedIn(document: StepDocument | ExpectationDocument): readonly Named[] {
  const found: Named[] = [];
  const add = (name: unknown, ...path: (string | number)[]): void => {
    if (typeof name === 'string') found.push({ path, name });
  };
  const step = document as StepDocument;
  for (const key of WHOLE) add(step[key], key);
  for (const key of WITHIN) {
    const body = step[key];
    if (typeof body === 'object' && 'node' in body) add(body.node, key, 'node');
  }
  const others = step.partition?.from ?? [];
  for (const [index, other] of [others].flat().entries()) add(other, 'partition', 'from', ...(typeof others === 'string' ? [] : [index]));
  const { of, request, reachable } = document as ExpectationDocument;
  for (const [sender, key] of [
    [request?.from, 'request'],
    [reachable?.from, 'reachable'],
  ] as const)
    if (typeof sender === 'string' && /^nodes?\//.test(sender)) add(sender, key, 'from');
  if (of !== undefined && /^nodes?\/[^/]+$/.test(of)) add(of, 'of');
  return found;
}
