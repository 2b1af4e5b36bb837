import type { TraceRecord } from '@slipway/kernel';
import {
  type EndpointSlice,
  type KubeObject,
  matchesLabelMap,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type Service,
  type VolumeAttachment,
} from '@slipway/kube';
import type { Chronicle } from './chronicle.ts';

export type SubjectKind = 'pod' | 'claim' | 'service';

/** Whose story it is: `{ kind: 'pod', name: 'default/web-0' }`. */
export interface Subject {
  readonly kind: SubjectKind;
  /** `namespace/name`. */
  readonly name: string;
}

/** What the API calls them. */
export const RESOURCES: Readonly<Record<SubjectKind, string>> = { pod: 'pods', claim: 'persistentvolumeclaims', service: 'services' };

/** Names of all subjects of a kind that the trace knows, sorted. */
export function subjectsOf(chronicle: Chronicle, kind: SubjectKind): readonly string[] {
  const names = new Set<string>();
  for (const { resource, object } of chronicle.objects.values()) if (resource === RESOURCES[kind]) names.add(keyOf(object));
  return [...names].sort();
}

/**
 * Pods that an owner made, or what it made: those of a Deployment are its ReplicaSets'. As `namespace/name`, by the second in which they
 * were stored and then by name, as a scenario's `nodeOf` has them: who came later to take a place is no first pod.
 *
 * @param owner a name, with or without its namespace
 * @param resource the owner's, such as `deployments`; left out: any
 */
export function podsUnder({ objects }: Chronicle, owner: string, resource?: string): readonly string[] {
  const isUnder = ({ metadata: { ownerReferences = [] } }: KubeObject): boolean =>
    ownerReferences.some(({ uid }) => {
      const above = objects.get(uid);
      if (!above) return false;
      const isIt =
        (keyOf(above.object) === owner || above.object.metadata.name === owner) && (resource ?? above.resource) === above.resource;
      return isIt || isUnder(above.object);
    });
  const pods = [...objects.values()].filter((known) => known.resource === RESOURCES.pod && isUnder(known.object));
  const order = pods.map(({ object }) => [`${object.metadata.creationTimestamp} ${keyOf(object)}`, keyOf(object)] as const);
  return [...new Set(order.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, name]) => name))];
}

/** Everything that a story is about. */
export class Cast {
  readonly subject: Subject;
  /** Uids of the objects whose writes are told. A pod of a StatefulSet may have had several lives under one name, oldest first. */
  readonly uids = new Set<string>();
  readonly pods: Pod[] = [];
  readonly claims: PersistentVolumeClaim[] = [];
  readonly volumes: PersistentVolume[] = [];
  readonly services: Service[] = [];
  /** Nodes on which a pod of the story was, or an endpoint of the Service whose story it is. */
  readonly #stays: { readonly node: string; readonly slice: string; readonly from: number; to: number }[] = [];
  /** When the subject was stored for the first time: what befell nodes before that is not its story. */
  since = 0;
  /** The pod that its owner stored next after a pod of the story was to go. */
  replacement: string | undefined;
  /** What calls about its pods are about: their keys, ids of sandboxes and containers. A pod, a claim and a Service may share a name. */
  readonly #podIds = new Set<string>();
  /** Claims, volumes and their handles. */
  readonly #volumeIds = new Set<string>();
  readonly #serviceIds = new Set<string>();
  /** Container names by id. */
  readonly containers = new Map<string, string>();
  readonly #chronicle: Chronicle;
  readonly #told = new Map<number, boolean>();
  /** Ids of sandboxes and containers of other pods. */
  readonly #foreign = new Set<string>();

  constructor(chronicle: Chronicle, subject: Subject) {
    this.subject = subject;
    this.#chronicle = chronicle;
    const { kind, name } = subject;
    for (const { resource, object } of chronicle.objects.values()) {
      if (resource !== RESOURCES[kind] || keyOf(object) !== name) continue;
      if (kind === 'pod') this.#addPod(object as Pod);
      else if (kind === 'claim') this.#addClaim(object as PersistentVolumeClaim);
      else this.#addService(object as Service);
    }
    const [first] = { pod: this.pods, claim: this.claims, service: this.services }[kind];
    for (const { record, object } of chronicle.changes.values()) {
      if (!first || object.metadata.uid !== first.metadata.uid) continue;
      this.since = record.at;
      break;
    }
    for (const pod of this.pods) if (pod.spec.nodeName) this.#stay(pod.spec.nodeName, '', this.since);
    for (const { resource, object } of chronicle.objects.values()) this.#addIfRelated(resource, object);
    if (kind === 'service') this.#addNodesOfEndpoints();
    if (kind === 'pod') this.replacement = this.#findReplacement();
    this.#addAttachments();
    this.#addRuntimeIds();
  }

  /** Whether the story is on that node then. */
  isOn(name: string | undefined, at: number): boolean {
    return this.#stays.some(({ node, from, to }) => node === name && from <= at && at <= to);
  }

  /** Whether a call or decision belongs to the story. */
  tells(record: TraceRecord): boolean {
    const known = this.#told.get(record.seq);
    if (known !== undefined) return known;
    const parent = this.#chronicle.parentOf(record);
    // Who waited for the same image is woken by whoever fetched it: what names another pod is never ours.
    const told = !this.#isForeign(record) && (parent ? this.tells(parent) : this.#named(record));
    this.#told.set(record.seq, told);
    return told;
  }

  /** Whether the event is about something of the story by name: which names count goes by the interface. */
  names({ name, subject }: TraceRecord): boolean {
    if (subject === undefined) return false;
    if (name.startsWith('csi.') || name.startsWith('cloud.')) return this.#volumeIds.has(subject);
    if (name.startsWith('cpi.')) return this.#serviceIds.has(subject);
    if (name.startsWith('smi.')) return this.#podIds.has(subject) || this.#serviceIds.has(subject);
    return this.#podIds.has(subject);
  }

  #isForeign({ subject, full, kind }: TraceRecord): boolean {
    if (this.subject.kind !== 'pod') return false;
    if (subject !== undefined && this.#foreign.has(subject)) return true;
    const uid = kind === 'call' ? podUidOf(full) : undefined;
    return uid !== undefined && !this.uids.has(uid);
  }

  /** A call that names nobody (is the image there? what can the driver do?) belongs to whatever its caller was at. */
  #named(record: TraceRecord): boolean {
    const { subject, kind, full } = record;
    if (this.subject.kind === 'pod' && kind === 'call' && podUidOf(full) !== undefined) return true;
    if (record.name === 'smi.Mesh/Inject') return this.#isAdmission(record);
    if (this.names(record)) return true;
    if (kind !== 'call') return false;
    if (subject !== undefined && !record.name.startsWith('cri.ImageService/')) return false;
    const before = this.#chronicle.followsOn(record);
    return before !== undefined && !before.name.startsWith('api.') && this.tells(before);
  }

  /** A webhook sees a pod before it has a name: what counts is the request that made it. */
  #isAdmission({ cause }: TraceRecord): boolean {
    for (const { record, object, verb } of this.#chronicle.changes.values()) {
      if (verb !== 'create' || !this.uids.has(object.metadata.uid ?? '')) continue;
      if (this.#chronicle.requestOf(record)?.seq === cause) return true;
    }
    return false;
  }

  #add(object: KubeObject): boolean {
    const { uid } = object.metadata;
    if (uid === undefined || this.uids.has(uid)) return false;
    this.uids.add(uid);
    return true;
  }

  #addPod(pod: Pod): void {
    if (!this.#add(pod)) return;
    this.pods.push(pod);
    this.#podIds.add(keyOf(pod));
    this.#addOwners(pod);
    const { namespace = '', name = '' } = pod.metadata;
    for (const { persistentVolumeClaim, ephemeral, name: volume } of pod.spec.volumes ?? []) {
      const claim = persistentVolumeClaim?.claimName ?? (ephemeral ? `${name}-${volume}` : undefined);
      if (claim === undefined) continue;
      for (const { resource, object } of this.#chronicle.objects.values()) {
        if (resource === RESOURCES.claim && keyOf(object) === `${namespace}/${claim}`) this.#addClaim(object as PersistentVolumeClaim);
      }
    }
  }

  #addOwners(object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const owner = this.#chronicle.objects.get(uid);
      if (owner && this.#add(owner.object)) this.#addOwners(owner.object);
    }
  }

  #addClaim(claim: PersistentVolumeClaim): void {
    if (!this.#add(claim)) return;
    this.claims.push(claim);
    this.#volumeIds.add(keyOf(claim)).add(`pvc-${claim.metadata.uid}`);
    for (const { resource, object } of this.#chronicle.objects.values()) {
      if (resource !== 'persistentvolumes') continue;
      const volume = object as PersistentVolume;
      const claimed = volume.spec.claimRef?.uid === claim.metadata.uid || volume.metadata.name === claim.spec.volumeName;
      if (!claimed || !this.#add(volume)) continue;
      this.volumes.push(volume);
      this.#volumeIds.add(volume.metadata.name ?? '');
      if (volume.spec.csi) this.#volumeIds.add(volume.spec.csi.volumeHandle);
    }
  }

  #addService(service: Service): void {
    if (!this.#add(service)) return;
    this.services.push(service);
    this.#serviceIds.add(keyOf(service));
  }

  /** Services that select a pod of the story, and the slices of all its Services. */
  #addIfRelated(resource: string, object: KubeObject): void {
    if (resource === 'services' && this.subject.kind === 'pod') {
      const { selector } = (object as Service).spec;
      if (!selector || Object.keys(selector).length === 0) return;
      for (const { metadata } of this.pods)
        if (metadata.namespace === object.metadata.namespace && matchesLabelMap(selector, metadata.labels ?? {}))
          this.#addService(object as Service);
    } else if (resource === 'endpointslices') {
      const { metadata } = object as EndpointSlice;
      const of = `${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name']}`;
      if (this.services.some((service) => keyOf(service) === of)) this.#add(object);
    }
  }

  #findReplacement(): string | undefined {
    const last = this.pods.at(-1)?.metadata;
    const owner = last?.ownerReferences?.find(({ controller }) => controller)?.uid;
    if (owner === undefined) return undefined;
    let isGoing = false;
    for (const { verb, object } of this.#chronicle.changes.values()) {
      const { uid, deletionTimestamp, ownerReferences = [] } = object.metadata;
      if (uid === last?.uid) isGoing ||= deletionTimestamp !== undefined;
      else if (isGoing && verb === 'create' && ownerReferences.some((reference) => reference.controller && reference.uid === owner))
        return uid;
    }
    return undefined;
  }

  #stay(node: string, slice: string, from: number): void {
    this.#stays.push({ node, slice, from, to: Number.POSITIVE_INFINITY });
  }

  #addNodesOfEndpoints(): void {
    for (const { record, resource, object, gone } of this.#chronicle.changes.values()) {
      const { uid = '' } = object.metadata;
      if (resource !== 'endpointslices' || !this.uids.has(uid)) continue;
      const { endpoints } = object as EndpointSlice;
      const nodes = new Set(gone ? [] : (endpoints ?? []).flatMap(({ nodeName }) => nodeName ?? []));
      for (const stay of this.#stays) {
        if (stay.slice !== uid || stay.to < Number.POSITIVE_INFINITY) continue;
        if (!nodes.delete(stay.node)) stay.to = record.at;
      }
      for (const node of nodes) this.#stay(node, uid, record.at);
    }
  }

  #addAttachments(): void {
    const volumes = new Set(this.volumes.map(({ metadata }) => metadata.name));
    for (const { resource, object } of this.#chronicle.objects.values()) {
      if (resource !== 'volumeattachments') continue;
      const { persistentVolumeName } = (object as VolumeAttachment).spec.source;
      if (persistentVolumeName !== undefined && volumes.has(persistentVolumeName)) this.#add(object);
    }
  }

  /** Sandboxes that were made for a pod of the story, and the containers in them. */
  #addRuntimeIds(): void {
    if (this.subject.kind !== 'pod') return;
    for (const record of this.#chronicle.records) {
      if (record.kind !== 'call' || !record.name.startsWith('cri.RuntimeService/')) continue;
      const uid = podUidOf(record.full);
      if (uid === undefined) continue;
      const ids = this.uids.has(uid) ? this.#podIds : this.#foreign;
      const answer = this.#chronicle.answerOf(record)?.full as { podSandboxId?: unknown; containerId?: unknown } | undefined;
      if (typeof answer?.podSandboxId === 'string') ids.add(answer.podSandboxId);
      if (typeof answer?.containerId !== 'string') continue;
      ids.add(answer.containerId);
      const request = record.full as { config?: { metadata?: { name?: string } } };
      this.containers.set(answer.containerId, request.config?.metadata?.name ?? '');
    }
  }
}

/** `namespace/name`, or the name alone. */
export function keyOf({ metadata: { namespace, name = '' } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The pod that a request of CRI or CNI, or a volume's mount, is for: by its uid, since names come back. */
function podUidOf(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const { sandboxConfig, config, args, targetPath } = request as {
    sandboxConfig?: { metadata?: { uid?: string } };
    config?: { metadata?: { uid?: string } };
    args?: { K8S_POD_UID?: string };
    targetPath?: unknown;
  };
  const uid = sandboxConfig?.metadata?.uid ?? config?.metadata?.uid ?? args?.K8S_POD_UID;
  if (uid !== undefined) return uid;
  return typeof targetPath === 'string' ? /\/pods\/([^/]+)\/volumes\//.exec(targetPath)?.[1] : undefined;
}
