import {
  findKind,
  type Job,
  type Kind,
  type KubeObject,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  type Service,
  type ServicePort,
  type Stored,
  type VolumeAttachment,
} from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import type { TrafficRequest } from '../traffic/index.ts';
import type { ScenarioCluster } from './cluster.ts';
import { fewOf, objectNamed, objectsOf, othersText } from './expectations/objects.ts';
import type { NodeRef, PodRef, SenderRef } from './schema.ts';
import type { Variables } from './variables.ts';

// How a scenario names objects, nodes, pods and senders; steps and expectations read them alike.

/** A reference that leads nowhere. */
export class BadReference extends Error {
  override readonly name = 'BadReference';
  /** What to write instead. */
  readonly fix: string | undefined;

  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}

/** An object by kind and name; it need not be there. */
export interface ObjectReference {
  readonly plural: string;
  readonly kind: Kind;
  /** Undefined for kinds without namespaces. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/** What resolving needs of a cluster. */
type Known = Pick<ScenarioCluster, 'server' | 'nodes'>;

/** Kinds that people write without a dash or in full; all that is needed to suggest one. */
function nameOfKind(word: string, kinds: readonly Kind[]): string | undefined {
  return suggestion(word.toLowerCase(), [...new Set(kinds.flatMap(({ singular, plural }) => [singular, plural]))]);
}

/**
 * Reads `deployment/web`, `deploy/shop/web`: a kind in any of kubectl's spellings, a namespace where it is not `default`, a name.
 *
 * @throws BadReference
 */
export function parseObjectRef(text: string, kinds: readonly Kind[]): ObjectReference {
  const parts = text.split('/');
  const [word = '', second = '', third] = parts;
  if (parts.length < 2 || parts.length > 3 || parts.includes(''))
    throw new BadReference(`"${text}" names no object`, 'write kind/name, or kind/namespace/name: deployment/web, pod/shop/web-0');
  const kind = findKind(word, kinds);
  if (!kind) {
    const near = nameOfKind(word, kinds);
    throw new BadReference(
      `there is no kind "${word}"`,
      near === undefined
        ? 'a custom kind needs its CustomResourceDefinition in a manifest'
        : `did you mean "${[near, ...parts.slice(1)].join('/')}"?`,
    );
  }
  if (third !== undefined && !kind.namespaced)
    throw new BadReference(`"${text}": a ${kind.kind} is in no namespace`, `write "${word}/${third}"`);
  const { plural } = kind;
  return { plural, kind, namespace: kind.namespaced ? (third === undefined ? 'default' : second) : undefined, name: third ?? second };
}

/** `deployment default/web`: for messages. */
export function referenceText({ kind, namespace, name }: ObjectReference): string {
  return `${kind.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** With variables put in. @throws BadReference, UnknownVariable */
export function resolveObject(text: string, cluster: Known, variables: Variables): ObjectReference {
  return parseObjectRef(variables.text(text), cluster.server.kinds());
}

/** The object itself. @throws BadReference when there is none, with what there is instead; UnknownVariable */
export function findObject(text: string, cluster: Known, variables: Variables): Stored<KubeObject> {
  return objectAt(resolveObject(text, cluster, variables), cluster);
}

function objectAt(reference: ObjectReference, { server }: Known): Stored<KubeObject> {
  const { kind, namespace, name } = reference;
  const found = objectNamed(server, kind, namespace, name);
  if (found) return found;
  throw new BadReference(`there is no ${referenceText(reference)}`, othersText(kind, objectsOf(server, kind)));
}

/** Pods of a workload, a Service, a claim or a volume, and a pod itself: those that live first, then by name. @throws BadReference */
export function podsOf(reference: ObjectReference, cluster: Known): readonly Stored<Pod>[] {
  const object = objectAt(reference, cluster);
  const found = podsBehind(reference.plural, object, cluster);
  const rank = (pod: Stored<Pod>): number => (lives(pod) ? 0 : 1);
  const name = (pod: Stored<Pod>): string => `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
  return found.toSorted((a, b) => rank(a) - rank(b) || (name(a) < name(b) ? -1 : 1));
}

/** A pod that is on its way out, or has ended, stands for its workload only when there is no other. */
function lives({ metadata, status }: Stored<Pod>): boolean {
  return metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function podsBehind(plural: string, object: Stored<KubeObject>, cluster: Known): readonly Stored<Pod>[] {
  const { server } = cluster;
  const { namespace, name } = object.metadata;
  const podsWhere = (accept: (pod: Stored<Pod>) => boolean): Stored<Pod>[] => ([...server.objects('pods')] as Stored<Pod>[]).filter(accept);
  switch (plural) {
    case 'pods':
      return [object as Stored<Pod>];
    case 'services': {
      const wanted = Object.entries((object as Stored<Service>).spec.selector ?? {});
      if (wanted.length === 0) return [];
      return podsWhere(
        ({ metadata: { namespace: own, labels } }) => own === namespace && wanted.every(([key, value]) => labels?.[key] === value),
      );
    }
    case 'persistentvolumeclaims':
      return podsWhere((pod) => pod.metadata.namespace === namespace && claimsOf(pod).includes(name));
    case 'persistentvolumes': {
      const claim = (object as Stored<PersistentVolume>).spec.claimRef;
      const bound =
        claim && (server.peek('persistentvolumeclaims', claim.namespace, claim.name ?? '') as Stored<PersistentVolumeClaim> | undefined);
      return bound ? podsBehind('persistentvolumeclaims', bound, cluster) : [];
    }
    default:
      return owned(object, cluster);
  }
}

/** Names of the claims that a pod uses; a generic ephemeral volume has one of its own. */
function claimsOf({ metadata, spec }: Stored<Pod>): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [`${metadata.name}-${name}`] : [];
  });
}

/** Down the owner references: Deployment → ReplicaSet → Pod. */
function owned({ metadata: { uid } }: Stored<KubeObject> | Stored<Job>, cluster: Known): readonly Stored<Pod>[] {
  return cluster.server
    .dependents(uid)
    .flatMap((each) => (each.kind === 'Pod' && each.apiVersion === 'v1' ? [each as Stored<Pod>] : owned(each, cluster)));
}

/** The first pod, as `namespace/name`. @throws BadReference, UnknownVariable */
export function resolvePod(ref: PodRef, cluster: Known, variables: Variables): { readonly namespace: string; readonly name: string } {
  if (typeof ref === 'string') {
    const text = variables.text(ref);
    const named = /^(pods?|po)\//i.test(text) ? text : `pod/${text}`;
    const { metadata } = objectAt(parseObjectRef(named, cluster.server.kinds()), cluster);
    return { namespace: metadata.namespace ?? 'default', name: metadata.name };
  }
  const reference = resolveObject(ref.podOf, cluster, variables);
  const [first] = podsOf(reference, cluster);
  if (!first) throw new BadReference(`${referenceText(reference)} has no pod`, whyNoPod(reference));
  return { namespace: first.metadata.namespace ?? 'default', name: first.metadata.name };
}

function whyNoPod({ plural }: ObjectReference): string {
  if (plural === 'services') return 'no pod has the labels of its selector; give it time, or correct the labels';
  return 'give it time to start one: a later "at", or a request with "from" and "within"';
}

/** The names of all nodes that a reference stands for: a variable may keep several. @throws BadReference, UnknownVariable */
export function resolveNodes(ref: NodeRef, cluster: Known, variables: Variables): readonly string[] {
  if (typeof ref === 'string') return variables.texts(ref).map((name) => knownNode(name.replace(/^nodes?\//, ''), cluster));
  return [nodeOf(resolveObject(ref.nodeOf, cluster, variables), cluster)];
}

/** The name of a node; of several the first. @throws BadReference, UnknownVariable */
export function resolveNode(ref: NodeRef, cluster: Known, variables: Variables): string {
  const [first] = resolveNodes(ref, cluster, variables);
  if (first === undefined) throw new BadReference(`${JSON.stringify(ref)} stands for no node`);
  return first;
}

function knownNode(name: string, { nodes, server }: Known): string {
  if (nodes.has(name) || server.peek('nodes', undefined, name)) return name;
  const names = [...new Set([...nodes.keys(), ...[...server.objects('nodes')].map(({ metadata }) => metadata.name)])];
  const near = suggestion(name, names);
  throw new BadReference(
    `there is no node "${name}"`,
    near === undefined ? `there ${names.length === 0 ? 'are no nodes at all' : `is ${fewOf(names)}`}` : `did you mean "${near}"?`,
  );
}

/** The node on which an object is: a pod, the first bound pod of a workload, what a volume is attached to. @throws BadReference */
export function nodeOf(reference: ObjectReference, cluster: Known): string {
  const title = referenceText(reference);
  if (reference.plural === 'nodes') return (objectAt(reference, cluster) as Stored<Node>).metadata.name;
  if (reference.plural === 'volumeattachments') return (objectAt(reference, cluster) as Stored<VolumeAttachment>).spec.nodeName;
  const pods = podsOf(reference, cluster);
  const node = pods.find(({ spec }) => (spec.nodeName ?? '') !== '')?.spec.nodeName;
  if (node !== undefined) return node;
  if (pods.length === 0) throw new BadReference(`${title} has no pod`, whyNoPod(reference));
  throw new BadReference(
    reference.plural === 'pods' ? `${title} is on no node yet` : `no pod of ${title} is on a node yet`,
    'give the scheduler time: a later "at"',
  );
}

/** Whoever asks: `pod/name`, `pod/namespace/name`, `node/name`, `outside`. @throws BadReference, UnknownVariable */
export function resolveSender(ref: SenderRef, cluster: Known, variables: Variables): TrafficRequest['from'] {
  if (typeof ref !== 'string') {
    if ('nodeOf' in ref) return { node: resolveNode(ref, cluster, variables) };
    const { namespace, name } = resolvePod(ref, cluster, variables);
    return { pod: `${namespace}/${name}` };
  }
  checkSender(ref);
  const text = variables.text(ref);
  if (text === 'outside') return { outside: true };
  if (/^(nodes?|no)\//i.test(text)) return { node: resolveNode(text.replace(/^[a-z]+\//i, ''), cluster, variables) };
  if (!/^(pods?|po)\//i.test(text)) return { node: knownNode(text, cluster) };
  const { namespace, name } = resolvePod(text, cluster, variables);
  return { pod: `${namespace}/${name}` };
}

/** Whether a text has the form of a sender; a variable alone is a node. @throws BadReference */
export function checkSender(text: string): void {
  if (
    text === 'outside' ||
    /^(nodes?|no)\/[^/]+$/i.test(text) ||
    /^(pods?|po)\/[^/]+(\/[^/]+)?$/i.test(text) ||
    /^\$\{?[a-z]\w*\}?$/.test(text)
  )
    return;
  const kind = /^([a-z]+)\/(.+)$/i.exec(text)?.[1];
  throw new BadReference(
    `"${text}" is nobody who could ask`,
    kind === undefined ? `write pod/${text}, node/${text} or outside` : `write { podOf: ${text} }, pod/name, node/name or outside`,
  );
}

/**
 * Where a request goes, as traffic wants it: `service/web` becomes the address of its balancer and its first port, the rest stays as it is.
 *
 * @throws BadReference, UnknownVariable
 */
export function resolveTarget(to: string, cluster: Known, variables: Variables): string {
  const text = variables.text(to);
  if (!isServiceRef(text)) return text;
  const reference = parseObjectRef(text, cluster.server.kinds());
  const { spec, status } = objectAt(reference, cluster) as Stored<Service>;
  const title = referenceText(reference);
  const inside = `${reference.name}.${reference.namespace}`;
  if (spec.type !== 'LoadBalancer')
    throw new BadReference(
      `${title} has no balancer: it is of type ${spec.type ?? 'ClusterIP'}`,
      `write "${inside}:${spec.ports?.[0]?.port ?? 80}" to ask its name`,
    );
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  const address = ingress?.ip ?? ingress?.hostname;
  const [port] = spec.ports ?? [];
  if (address === undefined) throw new BadReference(`the balancer of ${title} has no address yet`, 'give the cloud time: a later "at"');
  if (!port) throw new BadReference(`${title} has no port`);
  return `${schemeOf(port)}://${address.includes(':') ? `[${address}]` : address}:${port.port}`;
}

/** `service/web`, `svc/shop/web`: a Service by name, not an address. */
export function isServiceRef(text: string): boolean {
  return /^(services?|svc)\/[^/]+(\/[^/]+)?$/i.test(text);
}

/** What a person would speak to this port. */
function schemeOf({ name = '', appProtocol = name, protocol, port }: ServicePort): string {
  if (protocol === 'UDP') return 'udp';
  if (appProtocol.startsWith('grpc')) return 'grpc';
  if (appProtocol.startsWith('https') || port === 443) return 'https';
  return appProtocol.startsWith('http') || port === 80 || port === 8080 ? 'http' : 'tcp';
}
