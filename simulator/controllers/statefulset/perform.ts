import type { ControllerContext } from '@slipway/client';
import { codeOf, messageOf, type Process } from '@slipway/kernel';
import { keyOf, type PersistentVolumeClaim, type Pod, type StatefulSet, type Stored } from '@slipway/kube';
import type { Attempt } from '../pod-control.ts';
import type { ClaimWork } from './claim-work.ts';
import type { Action } from './decide.ts';
import type { OwnWrites, Written } from './own-writes.ts';

// Does what was decided, and reports it on the set. Source: `pkg/controller/statefulset/stateful_pod_control.go`.

export interface PerformOptions {
  readonly set: Stored<StatefulSet>;
  readonly writes: OwnWrites;
  readonly context: ControllerContext;
}

type Verb = 'create' | 'update' | 'delete';
const TITLE: Readonly<Record<Verb, string>> = { create: 'Create', update: 'Update', delete: 'Delete' };

export function* perform(action: Action, options: PerformOptions): Process<Attempt> {
  try {
    switch (action.kind) {
      case 'create':
        yield* createPod(action.pod, action.claims, options);
        break;
      case 'claims':
        yield* createClaims(action.pod, action.claims, options);
        yield* updateOwners(action.pod, action.claims, options);
        break;
      case 'update':
        yield* updatePod(action.pod, action.claims, options);
        break;
      case 'owners':
        yield* writeOwners(action.claims, options);
        break;
      case 'delete':
        yield* deletePod(action.pod, options);
    }
    return { done: true };
  } catch (error) {
    // Without a code it is no answer but a defect.
    if (codeOf(error) === 'UNKNOWN' && !(error instanceof ClaimProblem)) throw error;
    return { done: false, error };
  }
}

/** Claims that cannot be had; what follows them is not tried. */
class ClaimProblem extends Error {}

function* createPod(pod: Pod, claims: ClaimWork, options: PerformOptions): Process {
  yield* reporting('create', pod, options, createClaims(pod, claims, options));
  try {
    noteWrite(options, 'pods', yield* options.context.api.pods.create(pod));
  } catch (error) {
    // Made a moment ago, or by somebody else: the cache will tell.
    if (codeOf(error) !== 'AlreadyExists') reportPod('create', pod, options, error);
    throw error;
  }
  yield* updateOwners(pod, claims, options);
  reportPod('create', pod, options);
}

function* updatePod(pod: Stored<Pod>, claims: ClaimWork, options: PerformOptions): Process {
  yield* reporting('update', pod, options, createClaims(pod, claims, options));
  yield* updateOwners(pod, claims, options);
  yield* reporting('update', pod, options, sendUpdate(pod, options));
  reportPod('update', pod, options);
}

function* sendUpdate(pod: Stored<Pod>, options: PerformOptions): Process {
  noteWrite(options, 'pods', yield* options.context.api.pods.update(pod));
}

function* deletePod(pod: Stored<Pod>, options: PerformOptions): Process {
  const { namespace = 'default', name, uid } = pod.metadata;
  try {
    const { object, gone } = yield* options.context.api.pods.delete({ namespace, name, preconditions: { uid } });
    if (!gone) noteWrite(options, 'pods', object);
  } catch (error) {
    // Another pod of this name: the one that was meant is gone, and that is not this controller's doing.
    if (codeOf(error) === 'Conflict') return;
    if (codeOf(error) !== 'NotFound') {
      reportPod('delete', pod, options, error);
      throw error;
    }
  }
  reportPod('delete', pod, options);
}

/** Makes what is missing, all of it, and then fails if any could not be had. */
function* createClaims(pod: Pod, { create, leaving }: ClaimWork, options: PerformOptions): Process {
  const problems: string[] = [];
  for (const claim of create) {
    try {
      noteWrite(options, 'persistentvolumeclaims', yield* options.context.api.persistentvolumeclaims.create(claim));
      reportClaim(pod, claim, options);
    } catch (error) {
      if (codeOf(error) === 'UNKNOWN') throw error;
      problems.push(`failed to create PVC ${claim.metadata.name}: ${messageOf(error)}`);
      if (codeOf(error) !== 'AlreadyExists') reportClaim(pod, claim, options, error);
    }
  }
  problems.push(...leaving.map((name) => `pvc ${name} is being deleted`));
  const [first, ...others] = problems;
  if (first !== undefined) throw new ClaimProblem(others.length === 0 ? first : `[${problems.join(', ')}]`);
}

function updateOwners(pod: Pod, claims: ClaimWork, options: PerformOptions): Process {
  return reporting('update', pod, options, writeOwners(claims, options));
}

function* writeOwners({ owners }: ClaimWork, options: PerformOptions): Process {
  const { set, context } = options;
  for (const { claim, ownerReferences, conflicting } of owners) {
    const { name } = claim.metadata;
    if (conflicting) {
      const message = `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`;
      context.events.warning(set, 'ConflictingController', message);
    }
    if (!ownerReferences) continue;
    const updated = { ...claim, metadata: { ...claim.metadata, ownerReferences } };
    noteWrite(options, 'persistentvolumeclaims', yield* context.api.persistentvolumeclaims.update(updated));
  }
}

function noteWrite({ set, writes }: PerformOptions, resource: Written, written: Stored<Pod | PersistentVolumeClaim>): void {
  writes.wrote(keyOf(set), resource, keyOf(written), written.metadata.resourceVersion);
}

/** Reports a failure of a part on the pod that it was for. */
function* reporting(verb: Verb, pod: Pod, options: PerformOptions, part: Process): Process {
  try {
    yield* part;
  } catch (error) {
    reportPod(verb, pod, options, error);
    throw error;
  }
}

function reportPod(verb: Verb, pod: Pod, options: PerformOptions, error?: unknown): void {
  report(verb, `${verb} Pod ${pod.metadata.name} in StatefulSet ${options.set.metadata.name}`, 'successful', options, error);
}

function reportClaim(pod: Pod, claim: PersistentVolumeClaim, options: PerformOptions, error?: unknown): void {
  // Upstream's words differ by a "for" between the two.
  const what = `create Claim ${claim.metadata.name} ${error === undefined ? '' : 'for '}Pod ${pod.metadata.name} in StatefulSet ${options.set.metadata.name}`;
  report('create', what, 'success', options, error);
}

function report(verb: Verb, what: string, well: string, { set, context }: PerformOptions, error: unknown): void {
  if (error === undefined) context.events.normal(set, `Successful${TITLE[verb]}`, `${what} ${well}`);
  else context.events.warning(set, `Failed${TITLE[verb]}`, `${what} failed error: ${messageOf(error)}`);
}
