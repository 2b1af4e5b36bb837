import { type Kind, kindOf, type KubeObject, type PodSpec } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import type { Problem } from '../manifests/input-error.ts';
import { objectsNamedIn, type NamedObjectAt } from './named-objects.ts';
import { BadReference, type ObjectReference, parseObjectRef, referenceText } from './references.ts';
import type { PlaceOf } from './scenario.ts';
import type { ExpectationDocument, StepDocument } from './schema.ts';

/** What steps apply, and the kinds that there are. */
export interface AppliedObjects {
  readonly objects: readonly KubeObject[];
  readonly kinds: readonly Kind[];
}

/** Kinds whose objects are there only because somebody applied them. */
const BY_USERS: ReadonlySet<string> = new Set([
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'ReplicationController', 'Service', 'ConfigMap', 'Secret'],
  ...['Ingress', 'NetworkPolicy', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'],
]);
/** Kinds whose objects workloads make too, under names that begin with their own. Claims: of templates, and of ephemeral volumes. */
const MAKERS: Readonly<Record<string, ReadonlySet<string>>> = {
  Pod: new Set(['Deployment', 'ReplicaSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicationController', 'StatefulSet']),
  ReplicaSet: new Set(['Deployment']),
  Job: new Set(['CronJob']),
  PersistentVolumeClaim: new Set([
    'Deployment',
    'ReplicaSet',
    'DaemonSet',
    'Job',
    'CronJob',
    'ReplicationController',
    'StatefulSet',
    'Pod',
  ]),
};
/** What a cluster has of these kinds by itself. */
const BUILT_IN: ReadonlySet<string> = new Set(['Service/kubernetes', 'ConfigMap/kube-root-ca.crt']);
/** A generated name keeps so much of what it is made of. Source: `k8s.io/apiserver/pkg/storage/names/generate.go`, MaxGeneratedNameLength. */
const KEPT_OF_NAME = 58;

/** Reports objects that no step applies and nothing that is applied could make: the step or claim would wait for them in vain. */
export function checkKnownObjects(
  document: StepDocument | ExpectationDocument,
  placeOf: PlaceOf,
  applied: AppliedObjects,
  problems: Problem[],
): void {
  for (const named of objectsNamedIn(document)) {
    const reference = referenceOf(named, applied.kinds);
    if (!reference || isKnown(reference, applied.objects)) continue;
    const { path } = named;
    const place = placeOf(path);
    // What stands here is wrong for another reason, and has been told.
    if (problems.some((other) => other.place.file === place.file && other.place.line === place.line && other.place.column === place.column))
      continue;
    problems.push({
      place,
      message: `${path[0]}: there is no ${referenceText(reference)}: no step applies it${MAKERS[reference.kind.kind] ? ', nor what would make it' : ''}`,
      fix: fixOf(reference, named, applied.objects),
    });
  }
}

/** Undefined where only the run knows, or somebody else has found a mistake. */
function referenceOf({ reference }: NamedObjectAt, kinds: readonly Kind[]): ObjectReference | undefined {
  if (reference.includes('$')) return undefined;
  try {
    return parseObjectRef(reference, kinds);
  } catch (error) {
    if (error instanceof BadReference) return undefined;
    throw error;
  }
}

function isKnown({ kind, namespace = '', name }: ObjectReference, objects: readonly KubeObject[]): boolean {
  const makers = MAKERS[kind.kind];
  if (kindOf(kind.apiVersion, kind.kind) === undefined || !(makers || BY_USERS.has(kind.kind))) return true;
  if (namespace.startsWith('kube-') || BUILT_IN.has(`${kind.kind}/${name}`)) return true;
  return objects.some((object) => {
    if (namespaceOf(object) !== namespace) return false;
    return object.kind === kind.kind
      ? object.metadata.name === name
      : makers?.has(object.kind) === true && couldMake(object, kind.kind, name);
  });
}

/** Whether the name is one that the workload, or what it makes, would give. */
function couldMake(maker: KubeObject, kind: string, name: string): boolean {
  const begin = `${maker.metadata.name}-`.slice(0, KEPT_OF_NAME);
  if (kind !== 'PersistentVolumeClaim')
    return name.startsWith(begin) && (maker.kind !== 'StatefulSet' || /^\d+$/.test(name.slice(begin.length)));
  const { volumeClaimTemplates = [] } = (maker as Workload).spec ?? {};
  return (
    volumeClaimTemplates.some(({ metadata }) => name.startsWith(`${metadata.name}-${begin}`)) ||
    (podSpecOf(maker)?.volumes ?? []).some(
      (volume) => volume.ephemeral && name.startsWith(maker.metadata.name) && name.endsWith(volume.name),
    )
  );
}

/** What the kinds of MAKERS have in common. */
interface Workload extends KubeObject {
  readonly spec?: {
    readonly template?: { readonly spec?: PodSpec };
    readonly jobTemplate?: { readonly spec?: { readonly template?: { readonly spec?: PodSpec } } };
    readonly volumeClaimTemplates?: readonly KubeObject[];
  };
}

function podSpecOf(maker: KubeObject): PodSpec | undefined {
  if (maker.kind === 'Pod') return (maker as KubeObject & { readonly spec?: PodSpec }).spec;
  const { spec } = maker as Workload;
  return (spec?.jobTemplate?.spec?.template ?? spec?.template)?.spec;
}

const namespaceOf = ({ metadata: { namespace } }: KubeObject): string => namespace ?? 'default';

function fixOf(
  { kind, namespace = 'default', name }: ObjectReference,
  { takesPod }: NamedObjectAt,
  objects: readonly KubeObject[],
): string {
  const written = (object: KubeObject): string =>
    [object.kind.toLowerCase(), ...(namespaceOf(object) === 'default' ? [] : [namespaceOf(object)]), object.metadata.name].join('/');
  const ofKind = objects.filter((object) => object.kind === kind.kind);
  const here = ofKind.filter((object) => namespaceOf(object) === namespace);
  const near = suggestion(
    name,
    here.map(({ metadata }) => metadata.name),
  );
  const meant = here.find(({ metadata }) => metadata.name === near) ?? ofKind.find(({ metadata }) => metadata.name === name);
  if (meant) return `did you mean "${written(meant)}"?`;
  const others = objects.filter((object) => namespaceOf(object) === namespace && WITH_PODS.has(object.kind));
  const makers = kind.kind === 'Pod' || WITH_PODS.has(kind.kind) ? others : [];
  const nearMaker = suggestion(
    name,
    makers.map(({ metadata }) => metadata.name),
  );
  const maker = makers.find(({ metadata }) => metadata.name === nearMaker);
  if (maker) return takesPod ? `write { podOf: ${written(maker)} } for the first pod of it` : `did you mean "${written(maker)}"?`;
  if (ofKind.length === 0) return 'add a step that applies it, or correct the name';
  const names = ofKind.map(written);
  return `there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' …' : ''}`;
}

/** Kinds that stand for pods. */
const WITH_PODS: ReadonlySet<string> = new Set([...(MAKERS['PersistentVolumeClaim'] ?? [])]);
