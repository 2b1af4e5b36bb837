import type { TraceRecord } from '@slipway/kernel';

/** Why a call is made, by its name in the trace: one clause, as a teacher would put it. */
const WHY: Readonly<Record<string, string>> = {
  'api.Server/Bind': 'the scheduler has chosen: from now on the pod belongs to this node',
  'cri.RuntimeService/RunPodSandbox':
    'the kubelet sees a pod of its node without a sandbox: it needs a network namespace and a process that holds it',
  'cri.RuntimeService/PodSandboxStatus': 'the kubelet wants to know the state of the sandbox and the address of the pod',
  'cri.RuntimeService/CreateContainer': 'image and sandbox are there: the container is prepared',
  'cri.RuntimeService/StartContainer': 'the container is prepared: its process may run',
  'cri.RuntimeService/ContainerStatus': 'a relist saw the container change, so the kubelet looks closer',
  'cri.RuntimeService/StopContainer': 'the container has to end',
  'cri.RuntimeService/StopPodSandbox': 'nothing runs in the sandbox any more',
  'cri.RuntimeService/RemovePodSandbox': 'the sandbox is garbage',
  'cri.RuntimeService/ExecSync': 'a probe or a hook is a command inside the container',
  'cri.ImageService/ImageStatus': 'is the image on this node already?',
  'cri.ImageService/PullImage': 'it is not, so the runtime has to fetch it',
  'cni.Plugin/Add': 'the namespace is empty: the network plugin gives it an interface and an address, or opens its ports',
  'cni.Plugin/Del': 'the sandbox ends: the address goes back',
  'oci.Distribution/GetManifest': 'which layers is the image made of?',
  'oci.Distribution/GetBlob': 'a part of the image, checked against its digest',
  'oci.Runtime/Create': 'the low-level runtime sets up namespaces, mounts and cgroup',
  'oci.Runtime/Start': 'and runs the process',
  'smi.Mesh/Inject': 'the pod is about to be stored: admission asks the mesh whether it gets a proxy',
  'csi.Controller/CreateVolume': 'the claim has a place now: its driver makes the volume there',
  'csi.Controller/ControllerPublishVolume': 'the pod is on a node: the volume is attached to that machine',
  'csi.Controller/ControllerUnpublishVolume': 'nobody on that node wants the volume any more',
  'csi.Controller/DeleteVolume': 'the claim is gone, and its volume was to go with it',
  'csi.Node/NodeStageVolume': 'the disk is at the machine: it is mounted once for the node',
  'csi.Node/NodePublishVolume': 'and bound into the place where this pod expects it',
  'csi.Node/NodeUnpublishVolume': 'the pod has ended: its mount goes',
  'csi.Node/NodeUnstageVolume': 'no pod of the node uses the volume any more',
  'cpi.LoadBalancer/EnsureLoadBalancer': 'the Service asks for a balancer: the cloud provider sees to it',
  'cloud.CloudApi/CreateVolume': 'a disk in the zone of the node',
  'cloud.CloudApi/AttachVolume': 'the disk is plugged into the machine',
  'cloud.CloudApi/DescribeVolumes': 'is it there yet?',
  'cloud.CloudApi/CreateLoadBalancer': 'a balancer with a name that the world can look up',
  'scheduler/schedule': 'of the nodes that pass every filter, the one with the best score',
};

/** Verbs of the API server that make the story of objects, as people say them. */
const WRITES: readonly (readonly [prefix: string, verb: string])[] = [
  ['api/create ', 'is created'],
  ['api/bind ', 'is bound'],
  ['api/patch status ', 'reports its status'],
  ['api/update status ', 'reports its status'],
  ['api/update ', 'is changed'],
  ['api/patch ', 'is changed'],
  ['api/delete ', 'is deleted'],
];

const TOLD: ReadonlySet<string> = new Set([
  'deployments',
  'replicasets',
  'pods',
  'services',
  'endpointslices',
  'jobs',
  'daemonsets',
  'statefulsets',
]);

/** One line of the story. */
interface Scene {
  readonly at: number;
  readonly depth: number;
  readonly text: string;
  readonly why: string;
}

/**
 * How one pod came to run: what was written of it and of the objects it comes from, what was decided, and every interface call made on
 * its behalf, in order, with who called whom and why. Calls that were made while another was being answered stand indented below it.
 *
 * @param records a kept trace.
 * @param pod `namespace/name`.
 * @param about what else the story is about: `resource/subject` for written objects, a subject alone for calls.
 */
export function story(records: readonly TraceRecord[], pod: string, about: ReadonlySet<string> = new Set()): string {
  const bySeq = new Map(records.map((record) => [record.seq, record]));
  const answers = new Map<number, TraceRecord>();
  for (const record of records) if (record.kind === 'answer') answers.set(record.cause, record);
  const [namespace = '', name = ''] = pod.split('/');
  const family = familyOf(records, namespace, name);
  const ids = idsOf(records, answers, pod);
  const creation = records.find(({ kind, name: what, subject }) => kind === 'write' && what === 'api/create pods' && subject === pod);
  const told = new Set<number>();
  const scenes: Scene[] = [];
  for (const record of records) {
    const scene = sceneOf(record);
    if (!scene) continue;
    told.add(record.seq);
    scenes.push(scene);
  }
  return scenes.map(sceneText).join('\n');

  function sceneOf(record: TraceRecord): Scene | undefined {
    const { kind, subject, at } = record;
    if (kind === 'write') {
      const write = WRITES.find(([prefix]) => record.name.startsWith(prefix));
      const resource = write && record.name.slice(write[0].length);
      if (!write || resource === undefined || subject === undefined) return undefined;
      if (!about.has(`${resource}/${subject}`) && !(TOLD.has(resource) && family(resource, subject))) return undefined;
      const writer = bySeq.get(record.cause);
      return { at, depth: 0, text: `${resource}/${subject} ${write[1]} by ${writer?.actor ?? 'somebody'}`, why: reasonOf(writer) };
    }
    if (kind === 'decision') {
      if (subject !== pod) return undefined;
      return { at, depth: 0, text: `${record.actor} decides: ${pod} ${record.data.slice(0, 2).join(' ')}`, why: WHY[record.name] ?? '' };
    }
    if (kind !== 'call' || record.name.startsWith('api.')) return undefined;
    const named = subject !== undefined && (subject === pod || ids.has(subject) || about.has(subject));
    const mine = named || ancestors(record).length > 0 || isAdmissionOf(record);
    if (!mine) return undefined;
    const answer = answers.get(record.seq);
    const callee = answer?.actor ?? record.name.slice(0, record.name.indexOf('/'));
    const result = answer ? answer.data.map(shorten).join(' ') : 'no answer';
    const took = answer ? ` after ${(answer.at - at) / 1_000} ms` : '';
    return {
      at,
      depth: depthOf(record),
      text: `${record.actor} -> ${callee}: ${record.name} (${result}${took})`,
      why: WHY[record.name] ?? '',
    };
  }

  /** A webhook sees a pod before it has a name: what counts is the request that made it. */
  function isAdmissionOf({ name: called, cause }: TraceRecord): boolean {
    return called === 'smi.Mesh/Inject' && cause === creation?.cause;
  }

  /** The told call during which this one was made. */
  function parentOf(record: TraceRecord): TraceRecord | undefined {
    return ancestors(record).find(({ kind }) => kind === 'call');
  }

  /** Told calls that led to this one, nearest first: a call while it was being answered, an answer when that had come. */
  function ancestors({ cause }: TraceRecord): TraceRecord[] {
    const found: TraceRecord[] = [];
    for (let at = bySeq.get(cause); at && at.kind !== 'write'; at = bySeq.get(at.cause)) {
      const call = at.kind === 'answer' ? bySeq.get(at.cause) : at;
      if (!call) break;
      if (told.has(call.seq) && call.kind === 'call') found.push(at);
      // What follows from an answer was made while answering whatever is around its call.
      at = call;
    }
    return found;
  }

  function depthOf(record: TraceRecord): number {
    let depth = 0;
    for (let parent = parentOf(record); parent; parent = parentOf(parent)) {
      const answered = answers.get(parent.seq)?.at ?? Number.POSITIVE_INFINITY;
      if (record.at < answered) depth += 1;
    }
    return depth;
  }

  function reasonOf(call: TraceRecord | undefined): string {
    if (!call) return '';
    if (call.actor === 'kubectl') return 'somebody applied it';
    const known = WHY[call.name];
    if (known) return known;
    for (let at = bySeq.get(call.cause); at; at = bySeq.get(at.cause)) {
      if (at.kind === 'write' && at.subject !== undefined)
        return `because ${at.name.slice(at.name.lastIndexOf(' ') + 1)}/${at.subject} was written`;
      if (at.kind === 'call' && !at.name.startsWith('api.')) return `because of what ${at.name} showed`;
    }
    return '';
  }
}

/** Whether an object belongs to the pod's story: the pod, its owners by name, and the Services that share their name. */
function familyOf(records: readonly TraceRecord[], namespace: string, name: string): (resource: string, subject: string) => boolean {
  const parts = name.split('-');
  const ancestors = new Set(parts.map((_, count) => `${namespace}/${parts.slice(0, count + 1).join('-')}`));
  const services = new Set(
    records.filter((record) => record.kind === 'write' && record.name === 'api/create services').map(({ subject }) => subject),
  );
  return (resource, subject) => {
    if (resource === 'services') return ancestors.has(subject);
    if (resource === 'endpointslices')
      return [...services].some((service) => service !== undefined && ancestors.has(service) && subject.startsWith(`${service}-`));
    return ancestors.has(subject);
  };
}

/** Ids that calls about the pod were answered with: of its sandbox and containers. */
function idsOf(records: readonly TraceRecord[], answers: ReadonlyMap<number, TraceRecord>, pod: string): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const record of records) {
    if (record.kind !== 'call' || record.subject !== pod || !record.name.startsWith('cri.')) continue;
    for (const value of answers.get(record.seq)?.data ?? []) if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) ids.add(value);
  }
  return ids;
}

const shorten = (value: unknown): string =>
  String(value).replace(/\b(sha256:)?[0-9a-f]{64}\b/g, (id) => id.slice(0, id.startsWith('sha256:') ? 19 : 12));

function sceneText({ at, depth, text, why }: Scene): string {
  const time = `${(at / 1_000_000).toFixed(3)} s`.padStart(9);
  const indent = '  '.repeat(depth);
  return `${time}  ${indent}${text}${why === '' ? '' : `\n           ${indent}  ${why}`}`;
}
