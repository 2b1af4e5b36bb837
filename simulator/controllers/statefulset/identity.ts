import { type Pod, type PodTemplateSpec, type PersistentVolumeClaim, type StatefulSet, type Stored, workloadLabels } from '@slipway/kube';
import { podFromTemplate } from '../pod-control.ts';

// Names, numbers and storage that stay with a place in the set. Source: `pkg/controller/statefulset/stateful_set_utils.go`.

/** A template as a revision has it; pods carry the name as their `controller-revision-hash`. */
export interface Revision {
  readonly name: string;
  readonly template: PodTemplateSpec;
}

const MAX_ORDINAL = 2 ** 31 - 1;

/** The pod's number by its name; undefined for a name that is no member's of the set. */
export function ordinalOf(set: StatefulSet, { metadata: { name } }: Pod): number | undefined {
  const prefix = set.metadata.name.length + 1;
  if (name.length <= prefix || !name.startsWith(`${set.metadata.name}-`)) return undefined;
  const digits = name.slice(prefix);
  const ordinal = /^\d+$/.test(digits) ? Number(digits) : Number.POSITIVE_INFINITY;
  return ordinal <= MAX_ORDINAL ? ordinal : undefined;
}

export const firstOrdinal = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0;
export const replicasOf = ({ spec }: StatefulSet): number => spec.replicas ?? 1;

export function isInRange(set: StatefulSet, ordinal: number): boolean {
  return ordinal >= firstOrdinal(set) && ordinal < firstOrdinal(set) + replicasOf(set);
}

export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;
export const claimName = (template: string, set: StatefulSet, ordinal: number): string => `${template}-${podName(set, ordinal)}`;
export const revisionOf = ({ metadata }: Pod): string => metadata.labels?.[workloadLabels.controllerRevisionHash] ?? '';

/** The claims of one place in the set, as they are made; in the order of the templates. */
export function claimsFor(set: StatefulSet, ordinal: number): readonly PersistentVolumeClaim[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...metadata,
      name: claimName(metadata.name, set, ordinal),
      namespace: set.metadata.namespace ?? 'default',
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
    },
    spec,
  }));
}

function volumesFor(set: StatefulSet, ordinal: number, own: Pod['spec']['volumes'] = []): NonNullable<Pod['spec']['volumes']> {
  const templates = (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name);
  const claims = templates.map((name) => ({
    name,
    persistentVolumeClaim: { claimName: claimName(name, set, ordinal) },
  }));
  return [...claims, ...own.filter(({ name }) => !templates.includes(name))];
}

const identityLabels = (name: string, ordinal: number): { readonly [key: string]: string } => ({
  [workloadLabels.statefulSetPodName]: name,
  [workloadLabels.podIndex]: String(ordinal),
});

/** The pod of one place in the set, of one revision. */
export function newPod(set: StatefulSet, ordinal: number, { name: revision, template }: Revision): Pod {
  const name = podName(set, ordinal);
  const { generateName: _completedByTheServer, ...metadata } = podFromTemplate(set, template).metadata;
  const { serviceName = '' } = set.spec;
  const volumes = volumesFor(set, ordinal, template.spec.volumes);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name,
      labels: { ...metadata.labels, ...identityLabels(name, ordinal), [workloadLabels.controllerRevisionHash]: revision },
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...(serviceName !== '' && { subdomain: serviceName }),
      ...(volumes.length > 0 && { volumes }),
    },
  };
}

/** Which revision a missing pod is made of: places below the partition keep the old one while an update is under way. */
export function revisionFor(set: StatefulSet, ordinal: number, current: Revision, update: Revision): Revision {
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  const old = rollingUpdate ? (rollingUpdate.partition ?? 0) : type === 'RollingUpdate' ? (set.status?.currentReplicas ?? 0) : 0;
  return ordinal < firstOrdinal(set) + old ? current : update;
}

/** The pod with the labels and volumes of its place; the same object when it has them. */
export function withIdentity(set: StatefulSet, ordinal: number, pod: Stored<Pod>): Stored<Pod> {
  const { name, labels } = pod.metadata;
  const named = labels?.[workloadLabels.statefulSetPodName] === name;
  const stored = (set.spec.volumeClaimTemplates ?? []).every(({ metadata }) => {
    const volume = pod.spec.volumes?.find((each) => each.name === metadata.name);
    return volume?.persistentVolumeClaim?.claimName === claimName(metadata.name, set, ordinal);
  });
  if (named && stored) return pod;
  return {
    ...pod,
    ...(!named && { metadata: { ...pod.metadata, labels: { ...labels, ...identityLabels(name, ordinal) } } }),
    // The server refuses this one: volumes of a pod cannot be changed. It is asked all the same, so that people hear of it.
    ...(!stored && { spec: { ...pod.spec, volumes: volumesFor(set, ordinal, pod.spec.volumes) } }),
  };
}
