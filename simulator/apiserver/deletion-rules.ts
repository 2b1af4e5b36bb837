// What a delete does to an object, decided on data alone. Source: `AP/registry/rest/delete.go`, `AP/registry/generic/registry/store.go`.

import type { DeleteOptions, PropagationPolicy } from '@slipway/client';
import { conflict, finalizers, isTerminal, type Kind, type KubeObject, type Namespace, type Pod, type Stored } from '@slipway/kube';
import type { Table } from './table.ts';

/** @throws ApiError Conflict when the stored object is not the one that is meant. */
export function checkPreconditions(kind: Kind, object: Stored<KubeObject>, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { metadata } = object;
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(kind, metadata.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      kind,
      metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
  }
}

/** Seconds that a pod gets to end. 0 for one that nobody runs. Source: `pkg/registry/core/pod/strategy.go` CheckGracefulDelete. */
export function gracePeriodOf(pod: Pod, wanted: number | undefined): number {
  if (!pod.spec.nodeName || isTerminal(pod)) return 0;
  const period = wanted ?? pod.spec.terminationGracePeriodSeconds ?? 30;
  return period < 0 ? 1 : period;
}

/** The finalizers after a delete with this policy; the same list when nothing changes. */
export function finalizersAfter(object: Stored<KubeObject>, kind: Kind, policy: PropagationPolicy | undefined): readonly string[] {
  const before = object.metadata.finalizers ?? [];
  const hasOrphan = before.includes(finalizers.orphan);
  const hasForeground = before.includes(finalizers.foregroundDeletion);
  const orphan = policy === undefined ? hasOrphan || (!hasForeground && defaultPolicy(kind) === 'Orphan') : policy === 'Orphan';
  const foreground = policy === undefined ? hasForeground : policy === 'Foreground';
  if (orphan === hasOrphan && foreground === hasForeground) return before;
  const after = before.filter((each) => each !== finalizers.orphan && each !== finalizers.foregroundDeletion);
  if (orphan) after.push(finalizers.orphan);
  if (foreground) after.push(finalizers.foregroundDeletion);
  return after;
}

/** Kept from before there was a garbage collector; kubectl always names a policy. */
const defaultPolicy = ({ plural, group }: Kind): PropagationPolicy =>
  (plural === 'jobs' && group === 'batch') || (plural === 'replicationcontrollers' && group === '') ? 'Orphan' : 'Background';

/** Whether an object that is being deleted has nothing left that holds it. */
export function isReadyToGo(object: KubeObject, { kind }: Table): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers: held } = object.metadata;
  if (deletionTimestamp === undefined || (held?.length ?? 0) > 0) return false;
  if (kind.plural === 'namespaces' && kind.group === '') return ((object as Namespace).spec?.finalizers?.length ?? 0) === 0;
  return (deletionGracePeriodSeconds ?? 0) === 0;
}
