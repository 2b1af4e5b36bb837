import type { Node } from '@slipway/kube';
import type { LoadedObject } from '../../manifests/load-manifests.ts';
import { type NodeTemplate, templateOf } from '../../wiring/world.ts';
import { UsageError } from '../usage-error.ts';

const DEFAULT_NODES = 3;
const MOST_NODES = 20_000;

/** The nodes of the input; without any, as many of the usual size as were asked for. `--nodes` with Nodes in the input adds to them. @throws UsageError */
export function nodesFor(objects: readonly LoadedObject[], asked: string | undefined): NodeTemplate[] {
  const given = objects
    .filter(({ object }) => object.kind === 'Node' && object.apiVersion === 'v1')
    .map(({ object }) => templateOf(object as Node));
  if (asked !== undefined && !/^\d{1,6}$/.test(asked))
    throw new UsageError(`--nodes ${asked} is no number of nodes`, 'give a whole number, for example --nodes 3');
  const count = asked === undefined ? (given.length > 0 ? 0 : DEFAULT_NODES) : Number(asked);
  if (count > MOST_NODES || count + given.length === 0) throw new UsageError(`--nodes ${asked} is out of range`, `give 1 to ${MOST_NODES}`);
  const names = new Set(given.map(({ name }) => name));
  const made = Array.from({ length: count }, (_, index) => ({ name: `node-${index + 1}` })).filter(({ name }) => !names.has(name));
  return [...given, ...made];
}
