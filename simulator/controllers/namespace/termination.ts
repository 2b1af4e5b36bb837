import { type NamespaceCondition, type NamespaceStatus, setCondition, type Time } from '@slipway/kube';

// What a namespace says while its content goes. Source: `pkg/controller/namespace/deletion/status_condition_utils.go`.

/** What is left of one resource. */
export interface Remainder {
  /** `pods.` or `deployments.apps`, as messages name it. */
  readonly resource: string;
  readonly count: number;
  /** How many of them each finalizer holds. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/** A resource that could not be emptied. */
export interface Refusal {
  readonly message: string;
  readonly error: unknown;
}

/** The status with its five conditions; the same one when nothing changes. */
export function terminationStatus(
  status: NamespaceStatus | undefined,
  remainders: readonly Remainder[],
  refusals: readonly Refusal[],
  now: Time,
): NamespaceStatus {
  const conditions = conditionsOf(remainders, refusals).reduce<readonly NamespaceCondition[]>(
    (list, condition) => setCondition(list, { ...condition, lastTransitionTime: now }),
    status?.conditions ?? [],
  );
  return status?.conditions === conditions ? status : { ...status, conditions };
}

function conditionsOf(remainders: readonly Remainder[], refusals: readonly Refusal[]): readonly NamespaceCondition[] {
  const fine = (type: string, reason: string, message: string): NamespaceCondition => ({ type, status: 'False', reason, message });
  const bad = (type: string, reason: string, message: string): NamespaceCondition => ({ type, status: 'True', reason, message });
  const content = remainders.map(({ resource, count }) => `${resource} has ${count} resource instances`).sort();
  const held = new Map<string, number>();
  for (const { finalizers } of remainders) for (const [name, count] of finalizers) held.set(name, (held.get(name) ?? 0) + count);
  const holders = [...held].map(([name, count]) => `${name} in ${count} resource instances`).sort();
  const failures = refusals.map(({ message }) => message).sort();
  return [
    fine('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    fine('NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    failures.length > 0
      ? bad(
          'NamespaceDeletionContentFailure',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${failures.length} remaining: ${failures.join(', ')}`,
        )
      : fine('NamespaceDeletionContentFailure', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    content.length > 0
      ? bad('NamespaceContentRemaining', 'SomeResourcesRemain', `Some resources are remaining: ${content.join(', ')}`)
      : fine('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'),
    holders.length > 0
      ? bad(
          'NamespaceFinalizersRemaining',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${holders.join(', ')}`,
        )
      : fine('NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
  ];
}

/** Seconds that content with finalizers is given. */
const FINALIZER_ESTIMATE = 15;

/** In how many seconds to look again: half of what the slowest is expected to take, and one. */
export function retryDelay(podGrace: number, hasFinalizers: boolean): number {
  return Math.floor(Math.max(podGrace, hasFinalizers ? FINALIZER_ESTIMATE : 0) / 2) + 1;
}
