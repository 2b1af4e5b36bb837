import { type Kind, kindOf } from '@slipway/kube';
import type { Problem } from '../../manifests/input-error.ts';
import { parseObjectRef } from '../references.ts';
import type { PlaceOf } from '../scenario.ts';
import { type Action, ACTIONS, type NodeRef, type StepDocument } from '../schema.ts';
import type { StepChecker } from './step-kind.ts';
import { stepKind } from './table.ts';

/**
 * What can be known of a step without a cluster: exactly one action, kinds that there are, values that go together. Adds a problem for
 * each mistake.
 *
 * @param placeOf from the step.
 * @param kinds built in, and of definitions in what has been loaded so far.
 */
export function checkStep(document: StepDocument, placeOf: PlaceOf, kinds: readonly Kind[], problems: Problem[]): void {
  const there = ACTIONS.filter((key) => document[key] !== undefined);
  const [action, ...more] = there;
  if (action === undefined) {
    problems.push({ place: placeOf([]), message: 'the step does nothing', fix: `give it one of ${ACTIONS.join(', ')}` });
    return;
  }
  if (more.length > 0) {
    const message = `a step does one thing, and this one has ${there.join(' and ')}`;
    problems.push({ place: placeOf([more[0] ?? action]), message, fix: 'write a step for each' });
    return;
  }
  const checker = new Checker(action, placeOf, kinds, problems);
  checkNodes(action, document, checker);
  stepKind(action).check?.(document[action], checker);
}

/** Where actions have a reference to nodes in them. */
function checkNodes(action: Action, document: StepDocument, checker: Checker): void {
  const body: unknown = document[action];
  if (typeof body !== 'object' || body === null) return;
  if ('nodeOf' in body && action !== 'request') checkNodeOf(['nodeOf'], body.nodeOf as string, checker);
  const { node } = body as { readonly node?: NodeRef };
  if (typeof node === 'object') checkNodeOf(['node', 'nodeOf'], node.nodeOf, checker);
}

/** Built-in kinds that stand for a node, or that have pods. Objects of custom kinds may own some. */
const ON_NODES = [
  ...['nodes', 'pods', 'services', 'persistentvolumeclaims', 'persistentvolumes', 'volumeattachments', 'deployments', 'replicasets'],
  ...['statefulsets', 'daemonsets', 'jobs', 'cronjobs', 'replicationcontrollers'],
];

function checkNodeOf(path: readonly string[], reference: string, checker: Checker): void {
  const kind = checker.object(path, reference);
  if (kind && kindOf(kind.apiVersion, kind.kind) && !ON_NODES.includes(kind.plural))
    checker.problem(path, `a ${kind.kind} is on no node`, 'name a pod, a workload, a Service, a claim or a volume');
}

class Checker implements StepChecker {
  readonly kinds: readonly Kind[];
  readonly #action: Action;
  readonly #placeOf: PlaceOf;
  readonly #problems: Problem[];

  constructor(action: Action, placeOf: PlaceOf, kinds: readonly Kind[], problems: Problem[]) {
    this.kinds = kinds;
    this.#action = action;
    this.#placeOf = placeOf;
    this.#problems = problems;
  }

  problem(path: readonly (string | number)[], message: string, fix?: string): void {
    const place = this.#placeOf([this.#action, ...path]);
    this.#problems.push({ place, message: `${this.#action}: ${message}`, ...(fix === undefined ? {} : { fix }) });
  }

  object(path: readonly (string | number)[], reference: string): Kind | undefined {
    // The value of a variable is known in the run.
    if (/^\$/.test(reference)) return undefined;
    return this.attempt(path, () => parseObjectRef(reference, this.kinds).kind);
  }

  attempt<T>(path: readonly (string | number)[], code: () => T): T | undefined {
    try {
      return code();
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      this.problem(path, error.message, (error as { readonly fix?: string }).fix);
      return undefined;
    }
  }
}
