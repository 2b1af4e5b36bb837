import type {
  ContainerStatus,
  Deployment,
  EndpointSlice,
  Event,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  Service,
  VolumeAttachment,
} from '@slipway/kube';
import type { Change } from './chronicle.ts';
import { type Cast, keyOf } from './subject.ts';

/** What part of a story a line belongs to. */
export type Topic = 'stored' | 'volume' | 'sandbox' | 'containers' | 'reach' | 'later' | 'ended';

/** What a write changed, as far as the story goes. */
export interface Told {
  /** One clause: `bound to node-1`. */
  readonly what: string;
  readonly topic: Topic;
  /** Bad news. */
  readonly failed?: boolean;
  /** What the change stands for, for those who look for the end of a wait: `ready`, `volumes-attached`. */
  readonly marks: readonly string[];
}

type Teller = (change: Change, cast: Cast) => Told | undefined;

const TELLERS: Readonly<Record<string, Teller>> = {
  pods: tellPod,
  persistentvolumeclaims: tellClaim,
  persistentvolumes: tellVolume,
  volumeattachments: tellAttachment,
  endpointslices: tellSlice,
  services: tellService,
  nodes: tellNode,
  events: tellEvent,
  deployments: tellDeployment,
};

/** What the write means for the story; undefined when it changes nothing that the story is about. */
export function tellChange(change: Change, cast: Cast): Told | undefined {
  const { resource, object } = change;
  if (resource === 'events' || resource === 'nodes') return TELLERS[resource]?.(change, cast);
  if (change.verb === 'create' && cast.replacement !== undefined && object.metadata.uid === cast.replacement)
    return told('ended', ['stored, to make up the number of pods again'], ['replacement']);
  if (!cast.uids.has(object.metadata.uid ?? '')) return undefined;
  return (TELLERS[resource] ?? tellOwner)(change, cast);
}

const told = (topic: Topic, parts: readonly string[], marks: readonly string[] = [], failed = false): Told | undefined =>
  parts.length === 0 ? undefined : { what: parts.join('; '), topic, marks, ...(failed ? { failed } : {}) };

function tellPod({ verb, object, before, gone }: Change): Told | undefined {
  const pod = object as Pod;
  const old = before as Pod | undefined;
  if (gone) return told('ended', ['gone from the API server'], ['gone']);
  if (verb === 'create') {
    const { nodeName } = pod.spec;
    const where = nodeName ? `for ${nodeName} from the start: no scheduler is asked` : 'on no node yet';
    return told('stored', [`stored, phase Pending, ${where}`], ['created', ...(nodeName ? ['placed'] : [])]);
  }
  if (verb === 'bind') return told('stored', [`bound to ${pod.spec.nodeName}`], ['bound']);
  if (pod.metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined)
    return told('ended', [`marked for deletion, with ${pod.metadata.deletionGracePeriodSeconds ?? 0} s of grace`], ['deleted']);
  const { status } = pod;
  const parts: string[] = [];
  const marks: string[] = [];
  let topic: Topic = 'stored';
  let failed = false;
  if (status?.podIP !== undefined && status.podIP !== old?.status?.podIP) {
    parts.push(`address ${status.podIP}`);
    topic = 'sandbox';
  }
  const containers = containerChanges(pod, old);
  if (containers.parts.length > 0) {
    parts.push(...containers.parts);
    marks.push(...containers.marks);
    failed = containers.failed;
    topic = 'containers';
  }
  if (status?.phase !== old?.status?.phase && status?.phase !== undefined && status.phase !== 'Pending') {
    parts.push(`phase ${status.phase}${status.reason === undefined ? '' : ` (${status.reason})`}`);
    if (status.phase === 'Failed' || status.phase === 'Succeeded') {
      topic = 'ended';
      marks.push('finished');
      failed ||= status.phase === 'Failed';
    }
  }
  for (const { type, status: now, reason, message } of status?.conditions ?? []) {
    const was = old?.status?.conditions?.find((condition) => condition.type === type);
    if (was?.status === now && was.reason === reason) continue;
    if (type === 'PodScheduled' && now === 'False') {
      parts.push(`PodScheduled False: ${reason}${message === undefined ? '' : `: ${message}`}`);
      failed = true;
    } else if (type === 'Ready' && reason === 'PodCompleted') {
      parts.push('done, so not Ready any more');
    } else if (type === 'Ready' && (now === 'True' || was?.status === 'True')) {
      parts.push(now === 'True' ? 'Ready' : `not Ready any more${reason === undefined ? '' : ` (${reason})`}`);
      marks.push(now === 'True' ? 'ready' : 'unready');
      failed ||= now !== 'True';
      if (topic !== 'ended') topic = 'reach';
    } else if (type === 'Initialized' && now === 'True' && (pod.spec.initContainers?.length ?? 0) > 0) {
      parts.push('Initialized: every init container is done');
      if (topic !== 'reach') topic = 'containers';
    } else if (type === 'DisruptionTarget' && now === 'True') {
      parts.push(`DisruptionTarget (${reason})`);
      topic = 'ended';
    }
  }
  if (status?.nominatedNodeName && status.nominatedNodeName !== old?.status?.nominatedNodeName)
    parts.push(`nominated to ${status.nominatedNodeName}`);
  return told(topic, parts, marks, failed);
}

/** How containers moved on between two versions of a pod. */
function containerChanges(pod: Pod, old: Pod | undefined): { parts: string[]; marks: string[]; failed: boolean } {
  const parts: string[] = [];
  const marks: string[] = [];
  let failed = false;
  const known = new Map(allStatuses(old).map((status) => [status.name, status]));
  for (const status of allStatuses(pod)) {
    const before = known.get(status.name);
    const state = stateOf(status);
    if (before && stateOf(before) === state && before.restartCount === status.restartCount) continue;
    if (!before && status.state?.waiting && isUsualWait(status.state.waiting.reason)) continue;
    if (before && status.state?.waiting && isUsualWait(status.state.waiting.reason)) continue;
    parts.push(`${status.name} ${state}${status.restartCount > (before?.restartCount ?? 0) ? `, restart ${status.restartCount}` : ''}`);
    marks.push(`container:${status.name}`);
    failed ||= status.state?.waiting !== undefined || (status.state?.terminated?.exitCode ?? 0) !== 0;
  }
  return { parts, marks, failed };
}

const allStatuses = (pod: Pod | undefined): readonly ContainerStatus[] => [
  ...(pod?.status?.initContainerStatuses ?? []),
  ...(pod?.status?.containerStatuses ?? []),
];

const isUsualWait = (reason: string | undefined): boolean => reason === 'ContainerCreating' || reason === 'PodInitializing';

function stateOf({ state, ready, started }: ContainerStatus): string {
  if (state?.running) return ready ? 'running and ready' : started === false ? 'running, not started yet' : 'running, not ready yet';
  if (state?.terminated) return `ended: ${state.terminated.reason ?? 'exited'}, exit code ${state.terminated.exitCode}`;
  return `waiting: ${state?.waiting?.reason ?? 'to be created'}`;
}

function tellClaim({ verb, object, before, gone }: Change): Told | undefined {
  const claim = object as PersistentVolumeClaim;
  const old = before as PersistentVolumeClaim | undefined;
  if (gone) return told('ended', ['gone'], ['gone']);
  if (verb === 'create') return told('volume', [`asks for ${claim.spec.resources?.requests?.['storage'] ?? 'storage'}`], ['created']);
  if (claim.metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined)
    return told('ended', ['marked for deletion'], ['deleted']);
  const parts: string[] = [];
  const marks: string[] = [];
  const added = (annotation: string): string | undefined => {
    const value = claim.metadata.annotations?.[annotation];
    return value === old?.metadata.annotations?.[annotation] ? undefined : value;
  };
  const node = added('volume.kubernetes.io/selected-node');
  if (node !== undefined) parts.push(`its pod is to run on ${node}: the volume may be made there`);
  const provisioner = added('volume.kubernetes.io/storage-provisioner');
  if (provisioner !== undefined) parts.push(`the driver ${provisioner} is asked to make a volume`);
  if (claim.spec.volumeName !== undefined && claim.spec.volumeName !== old?.spec.volumeName) {
    parts.push(`bound to volume ${claim.spec.volumeName}`);
    marks.push('claim-bound');
  }
  const wanted = claim.spec.resources?.requests?.['storage'];
  if (wanted !== old?.spec.resources?.requests?.['storage']) parts.push(`asks for ${wanted} now`);
  if (claim.status?.phase !== old?.status?.phase && claim.status?.phase !== 'Pending') parts.push(`phase ${claim.status?.phase}`);
  const size = claim.status?.capacity?.['storage'];
  if (old?.status?.capacity && size !== old.status.capacity['storage']) parts.push(`has ${size} now`);
  return told('volume', parts, marks);
}

function tellVolume({ verb, object, before, gone }: Change): Told | undefined {
  const volume = object as PersistentVolume;
  const old = before as PersistentVolume | undefined;
  if (gone) return told('ended', ['gone'], ['gone']);
  if (verb === 'create') return told('volume', [`the volume is an object now, handle ${volume.spec.csi?.volumeHandle ?? 'none'}`]);
  const phase = volume.status?.phase;
  if (phase === old?.status?.phase || phase === 'Pending' || phase === 'Available') return undefined;
  return told(phase === 'Released' || phase === 'Failed' ? 'ended' : 'volume', [`phase ${phase}`], [], phase === 'Failed');
}

function tellAttachment({ verb, object, before, gone }: Change): Told | undefined {
  const { spec, status, metadata } = object as VolumeAttachment;
  const old = before as VolumeAttachment | undefined;
  if (gone) return told('volume', [`the volume is off ${spec.nodeName}`], ['detached']);
  if (verb === 'create') return told('volume', [`the volume shall be attached to ${spec.nodeName}`], ['attach-wanted']);
  if (metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined)
    return told('volume', [`the volume shall be detached from ${spec.nodeName}`], ['detach-wanted']);
  if (status?.attached && !old?.status?.attached) return told('volume', [`attached to ${spec.nodeName}`], ['attached']);
  const { attachError, detachError } = status ?? {};
  if (attachError && attachError.message !== old?.status?.attachError?.message)
    return told('volume', [`cannot be attached: ${attachError.message}`], [], true);
  if (detachError && detachError.message !== old?.status?.detachError?.message)
    return told('volume', [`cannot be detached: ${detachError.message}`], [], true);
  return undefined;
}

/** In a pod's story only its own endpoints count; in a Service's all. */
function tellSlice({ object, before, gone }: Change, cast: Cast): Told | undefined {
  const slice = object as EndpointSlice;
  const old = before as EndpointSlice | undefined;
  const pods = new Set(cast.pods.map(({ metadata }) => metadata.uid));
  const mine = ({ endpoints }: EndpointSlice): Map<string, string> =>
    new Map(
      (endpoints ?? [])
        .filter(({ targetRef }) => cast.subject.kind === 'service' || pods.has(targetRef?.uid))
        .map(({ addresses, targetRef, conditions }) => [
          `${targetRef?.name ?? addresses[0]} (${addresses[0]})`,
          conditions?.terminating ? 'terminating' : conditions?.ready ? 'ready' : 'not ready',
        ]),
    );
  const now = gone ? new Map<string, string>() : mine(slice);
  const was = old ? mine(old) : new Map<string, string>();
  const parts: string[] = [];
  const marks: string[] = [];
  for (const [who, state] of now) {
    if (was.get(who) === state) continue;
    parts.push(`endpoint ${who}: ${state}`);
    marks.push(state === 'ready' ? 'endpoint-ready' : 'endpoint-down');
  }
  for (const who of was.keys()) {
    if (now.has(who)) continue;
    parts.push(`endpoint ${who} is taken out`);
    marks.push('endpoint-down');
  }
  if (parts.length === 0 && !old && cast.subject.kind === 'service') parts.push('the list of the addresses behind the Service begins');
  const ended = [...now.values()].includes('terminating') || (now.size === 0 && was.size > 0);
  return told(ended ? 'ended' : 'reach', parts, marks);
}

function tellService({ verb, object, before, gone }: Change): Told | undefined {
  const service = object as Service;
  const old = before as Service | undefined;
  if (gone) return told('ended', ['gone'], ['gone']);
  if (verb === 'create')
    return told('reach', [`stored, type ${service.spec.type ?? 'ClusterIP'}, address ${service.spec.clusterIP ?? 'none'}`]);
  if (service.metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined)
    return told('ended', ['marked for deletion'], ['deleted']);
  const ingress = (of: Service | undefined): string => {
    const [first] =
      (of?.status as { loadBalancer?: { ingress?: readonly { ip?: string; hostname?: string }[] } })?.loadBalancer?.ingress ?? [];
    return first?.hostname ?? first?.ip ?? '';
  };
  if (service.spec.type !== old?.spec.type) return told('reach', [`type ${service.spec.type} now`]);
  const address = ingress(service);
  return address !== '' && address !== ingress(old) ? told('reach', [`reached from outside at ${address}`]) : undefined;
}

/** Nodes of the story: what they say of its volumes, and whether they are well. */
function tellNode({ record, object, before }: Change, cast: Cast): Told | undefined {
  const node = object as Node;
  const old = before as Node | undefined;
  if (!old) return undefined;
  const isOurs = (name: string): boolean => cast.volumes.some(({ spec }) => spec.csi && name.endsWith(`^${spec.csi.volumeHandle}`));
  const attached = ({ status }: Node): boolean => (status?.volumesAttached ?? []).some(({ name }) => isOurs(name));
  const used = ({ status }: Node): boolean => (status?.volumesInUse ?? []).some(isOurs);
  if (attached(node) !== attached(old))
    return attached(node)
      ? told('volume', ['the volume is in status.volumesAttached: the kubelet may mount it'], ['volumes-attached'])
      : told('volume', ['the volume leaves status.volumesAttached'], ['volumes-detached']);
  if (used(node) !== used(old))
    return used(node)
      ? told('volume', ['the volume is in status.volumesInUse: it must not be detached from now on'], ['volumes-in-use'])
      : told('volume', ['the volume leaves status.volumesInUse: it may be detached'], ['volumes-unused']);
  if (!cast.isOn(node.metadata.name, record.at)) return undefined;
  const ready = ({ status }: Node) => status?.conditions?.find(({ type }) => type === 'Ready');
  const now = ready(node);
  if (now && now.status !== ready(old)?.status) {
    const bad = now.status !== 'True';
    return told(
      'later',
      [`Ready ${now.status} (${now.reason})`],
      [now.status === 'Unknown' ? 'node-lost' : bad ? 'node-unready' : 'node-back'],
      bad,
    );
  }
  const taints = ({ spec }: Node): readonly string[] => (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
  const was = new Set(taints(old));
  const are = new Set(taints(node));
  const parts = [
    ...[...are].filter((taint) => !was.has(taint)).map((taint) => `has the taint ${taint}`),
    ...[...was].filter((taint) => !are.has(taint)).map((taint) => `has lost the taint ${taint}`),
  ];
  return told('later', parts, ['taint']);
}

const NEWS: ReadonlySet<string> = new Set([
  'BackOff',
  'WaitForFirstConsumer',
  'WaitForPodScheduled',
  'Killing',
  'SandboxChanged',
  'TaintManagerEviction',
]);

const TOPIC_OF_REASON: Readonly<Record<string, Topic>> = {
  FailedScheduling: 'stored',
  FailedCreate: 'stored',
  FailedMount: 'volume',
  FailedAttachVolume: 'volume',
  ProvisioningFailed: 'volume',
  WaitForFirstConsumer: 'volume',
  WaitForPodScheduled: 'volume',
  FailedBinding: 'volume',
  FailedCreatePodSandBox: 'sandbox',
  NetworkNotReady: 'sandbox',
  SandboxChanged: 'sandbox',
  Unhealthy: 'reach',
  SyncLoadBalancerFailed: 'reach',
  TaintManagerEviction: 'later',
  NodeNotReady: 'later',
};

const TOPIC_OF_KIND: Readonly<Record<string, Topic>> = { Pod: 'containers', PersistentVolumeClaim: 'volume', PersistentVolume: 'volume' };

/** Warnings and those reports that no call shows. */
function tellEvent({ object, gone }: Change, cast: Cast): Told | undefined {
  const { involvedObject, type, reason = '', message = '', count = 1 } = object as Event;
  if (gone || !cast.uids.has(involvedObject.uid ?? '')) return undefined;
  if (type !== 'Warning' && !NEWS.has(reason)) return undefined;
  const topic = TOPIC_OF_REASON[reason] ?? TOPIC_OF_KIND[involvedObject.kind ?? ''] ?? 'stored';
  return told(topic, [`event ${reason}: ${message}${count > 1 ? ` (${count} times)` : ''}`], [`event:${reason}`], type === 'Warning');
}

function tellDeployment(change: Change): Told | undefined {
  const now = change.object as Deployment;
  const progressing = (of: Deployment | undefined) => of?.status?.conditions?.find(({ type }) => type === 'Progressing');
  const condition = progressing(now);
  if (condition?.status === 'False' && progressing(change.before as Deployment | undefined)?.status !== 'False')
    return told('reach', [`Progressing False (${condition.reason})`], ['progress-deadline'], true);
  return tellOwner(change);
}

/** Deployments, ReplicaSets, Jobs and their like: that they are there, how many pods they want, that they go. */
function tellOwner({ verb, object, before, gone }: Change): Told | undefined {
  if (gone) return told('ended', ['gone']);
  const replicas = (of: unknown): number | undefined => (of as ReplicaSet | undefined)?.spec?.replicas;
  if (verb === 'create')
    return told('stored', [
      replicas(object) === undefined ? 'stored' : `stored, wants ${replicas(object)} pod${replicas(object) === 1 ? '' : 's'}`,
    ]);
  if (object.metadata.deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined)
    return told('ended', ['marked for deletion']);
  if (replicas(object) !== replicas(before)) return told('stored', [`wants ${replicas(object)} now, ${replicas(before)} before`]);
  return undefined;
}

/** `pod web-0`, as the story names an object. */
export function nameOf({ resource, object }: Change): string {
  if (resource === 'events') {
    const { involvedObject } = object as Event;
    return `${involvedObject.kind?.toLowerCase() ?? 'object'} ${involvedObject.name ?? ''}`;
  }
  return `${object.kind.toLowerCase()} ${keyOf(object).replace(/^.*\//, '')}`;
}
