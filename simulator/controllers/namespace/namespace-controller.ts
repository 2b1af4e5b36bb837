import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, messageOf, type Micros, type Process, seconds } from '@slipway/kernel';
import {
  customKinds,
  isTerminal,
  type Kind,
  kinds,
  type KubeObject,
  type Namespace,
  parseTime,
  type Pod,
  type Stored,
} from '@slipway/kube';
import { type Refusal, type Remainder, retryDelay, terminationStatus } from './termination.ts';

/** Writes that other servers or caches have let through are given this time to arrive. */
const GRACE: Micros = seconds(5);
const FINALIZER = 'kubernetes';

/** Empties a namespace that is being deleted, and lets it go. Source: `pkg/controller/namespace/`. */
export function namespaceController(): ControllerDefinition {
  return defineController({
    name: 'namespace-controller',
    workers: 5,
    watches: ['namespaces', watch('customresourcedefinitions', { keys: () => [] })],
    *reconcile(name, context) {
      const namespace = context.informers.get('namespaces').get(name);
      const since = parseTime(namespace?.metadata.deletionTimestamp ?? '');
      if (!namespace || since === undefined || !namespace.spec?.finalizers?.includes(FINALIZER)) return undefined;
      const waited = context.owner.kernel.unixMicros - since;
      if (waited < GRACE) return { requeueAfter: GRACE - waited };
      return yield* empty(namespace, context);
    },
  });
}

function* empty(namespace: Stored<Namespace>, context: ControllerContext): Process<{ requeueAfter: Micros } | undefined> {
  const { name } = namespace.metadata;
  const all = namespacedKinds(context);
  const pods = all.filter(isPods);
  const remainders: Remainder[] = [];
  const refusals: Refusal[] = [];
  let podGrace = 0;
  // Pods first: what they need to end well (their Services, Secrets, policies) stays until they are gone.
  for (const group of [pods, all.filter((kind) => !isPods(kind))]) {
    for (const kind of group) {
      const left = yield* emptyKind(name, kind, refusals, context);
      if (left.length === 0) continue;
      remainders.push(remainderOf(kind, left));
      if (isPods(kind)) podGrace = graceOf(left as readonly Stored<Pod>[], namespace, context);
    }
    if (remainders.length > 0) break;
  }
  yield* report(namespace, remainders, refusals, context);
  const [refusal] = refusals;
  if (refusal) throw refusal.error;
  if (remainders.length > 0) {
    return {
      requeueAfter: seconds(
        retryDelay(
          podGrace,
          remainders.some(({ finalizers }) => finalizers.size > 0),
        ),
      ),
    };
  }
  yield* finalize(namespace, context);
  return undefined;
}

/** Deletes what there is of a kind, and returns what did not go at once. */
function* emptyKind(
  namespace: string,
  kind: Kind,
  refusals: Refusal[],
  { api }: ControllerContext,
): Process<readonly Stored<KubeObject>[]> {
  const resource = api.resource<KubeObject>(resourceName(kind));
  try {
    const { count } = yield* resource.deleteCollection({ namespace, propagationPolicy: 'Background' });
    if (count === 0) return [];
    return (yield* resource.list({ namespace })).items;
  } catch (error) {
    // A kind that was taken away meanwhile has no objects.
    if (codeOf(error) === 'NotFound') return [];
    if (codeOf(error) === 'UNKNOWN') throw error;
    refusals.push({ message: messageOf(error), error });
    return [];
  }
}

function remainderOf({ plural, group }: Kind, objects: readonly Stored<KubeObject>[]): Remainder {
  const finalizers = new Map<string, number>();
  for (const { metadata } of objects) for (const each of metadata.finalizers ?? []) finalizers.set(each, (finalizers.get(each) ?? 0) + 1);
  return { resource: `${plural}.${group}`, count: objects.length, finalizers };
}

/** The longest grace period in seconds of pods that still run; once that has passed since the delete, nobody can say. */
function graceOf(pods: readonly Stored<Pod>[], { metadata }: Stored<Namespace>, { owner }: ControllerContext): number {
  let longest = 0;
  for (const pod of pods) if (!isTerminal(pod)) longest = Math.max(longest, pod.spec.terminationGracePeriodSeconds ?? 0);
  const since = parseTime(metadata.deletionTimestamp ?? '') ?? 0;
  return owner.kernel.unixMicros - since > seconds(longest) ? 0 : longest;
}

function* report(
  { metadata: { name } }: Stored<Namespace>,
  remainders: readonly Remainder[],
  refusals: readonly Refusal[],
  { api, timestamp }: ControllerContext,
): Process {
  try {
    const newest = yield* api.namespaces.get({ name });
    const status = terminationStatus(newest.status, remainders, refusals, timestamp());
    if (status !== newest.status) yield* api.namespaces.updateStatus({ ...newest, status });
  } catch (error) {
    // A message that could not be left must not hold the work up.
    if (codeOf(error) !== 'NotFound' && codeOf(error) !== 'Conflict') throw error;
  }
}

function* finalize({ metadata: { name }, spec }: Stored<Namespace>, { api }: ControllerContext): Process {
  const finalizers = spec?.finalizers?.filter((each) => each !== FINALIZER) ?? [];
  try {
    yield* api.finalizeNamespace({ name, finalizers });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}

const isPods = ({ plural, group }: Kind): boolean => plural === 'pods' && group === '';
const resourceName = ({ plural, group }: Kind): string =>
  kinds.some((each) => each.plural === plural && each.group === group) ? plural : `${plural}.${group}`;

/** Built-in and custom kinds that live in namespaces; of several versions of a kind one. */
function namespacedKinds({ informers }: ControllerContext): readonly Kind[] {
  const definitions = [...informers.get('customresourcedefinitions').list()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const custom = definitions.flatMap((definition) => customKinds(definition).slice(0, 1));
  return [...kinds, ...custom].filter(({ namespaced }) => namespaced);
}
