import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, milliseconds, type Process } from '@slipway/kernel';
import { matchesNodeSelector, type Node, type PersistentVolume, type PersistentVolumeClaim, type Pod, type Stored } from '@slipway/kube';
import { storageAnnotations } from '../../controllers/storage/annotations.ts';
import { uniqueNameOf } from '../../controllers/storage/attach-detach/volume-name.ts';
import { claimKeysOf, classOf } from '../../controllers/storage/claims.ts';

/** A scheduler and all kubelets in one, as far as volumes are concerned. `dead` nodes do nothing any more. */
export function volumePods(dead: ReadonlySet<string>): ControllerDefinition {
  let turn = 0;

  return defineController({
    name: 'volume-pods',
    workers: 20,
    watches: [
      watch('pods', { indexers: { node: (pod) => [pod.spec.nodeName ?? ''] } }),
      watch('nodes', { keys: () => [] }),
      watch('persistentvolumeclaims', { keys: () => [] }),
      watch('persistentvolumes', { keys: () => [] }),
      watch('storageclasses', { keys: () => [] }),
    ],
    *reconcile(key, context) {
      const pod = context.informers.get('pods').get(key);
      if (!pod) return undefined;
      try {
        if (!pod.spec.nodeName) return yield* schedule(pod, context);
        if (dead.has(pod.spec.nodeName)) return undefined;
        return pod.metadata.deletionTimestamp === undefined ? yield* start(pod, context) : yield* stop(pod, context);
      } catch (error) {
        if (codeOf(error) === 'UNKNOWN') throw error;
        return AGAIN;
      }
    },
  });

  /** Chooses a node for claims that wait for one, then binds once all claims are bound. */
  function* schedule(pod: Stored<Pod>, context: ControllerContext): Process<{ requeueAfter: number } | undefined> {
    if (pod.metadata.deletionTimestamp !== undefined) return undefined;
    const claims = claimsOf(pod, context);
    if (!claims) return AGAIN;
    const nodes = [...context.informers.get('nodes').list()]
      .filter(({ metadata }) => !dead.has(metadata.name))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const fitting = nodes.filter((node) => claims.every((claim) => fits(claim, node, context)));
    const chosen = fitting.find(({ metadata }) => claims.some((claim) => selectedNode(claim) === metadata.name));
    const node = chosen ?? fitting[turn++ % Math.max(1, fitting.length)];
    if (!node) return AGAIN;
    let ready = true;
    for (const claim of claims) {
      if (claim.status?.phase === 'Bound') continue;
      ready = false;
      if (context.informers.get('storageclasses').get(classOf(claim))?.volumeBindingMode !== 'WaitForFirstConsumer') continue;
      const { annotations = {} } = claim.metadata;
      if (annotations[storageAnnotations.selectedNode] !== undefined) continue;
      const marks = { ...annotations, [storageAnnotations.selectedNode]: node.metadata.name };
      yield* context.api.persistentvolumeclaims.update({ ...claim, metadata: { ...claim.metadata, annotations: marks } });
    }
    if (!ready) return AGAIN;
    const { namespace = 'default', name } = pod.metadata;
    yield* context.api.pods.bind({ namespace, name, nodeName: node.metadata.name });
    return undefined;
  }
}

const AGAIN = { requeueAfter: milliseconds(250) };

function claimsOf(pod: Pod, { informers }: ControllerContext): readonly Stored<PersistentVolumeClaim>[] | undefined {
  const claims = claimKeysOf(pod).map((key) => informers.get('persistentvolumeclaims').get(key));
  return claims.every((claim) => claim !== undefined && claim.metadata.deletionTimestamp === undefined)
    ? (claims as readonly Stored<PersistentVolumeClaim>[])
    : undefined;
}

const selectedNode = ({ metadata }: PersistentVolumeClaim): string | undefined => metadata.annotations?.[storageAnnotations.selectedNode];

function fits(claim: PersistentVolumeClaim, node: Node, { informers }: ControllerContext): boolean {
  const wanted = selectedNode(claim);
  if (claim.status?.phase !== 'Bound') return wanted === undefined || wanted === node.metadata.name;
  const required = informers.get('persistentvolumes').get(claim.spec.volumeName ?? '')?.spec.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}

function volumesOf(pod: Pod, { informers }: ControllerContext): readonly string[] {
  return claimKeysOf(pod).flatMap((key) => {
    const name = informers.get('persistentvolumeclaims').get(key)?.spec.volumeName ?? '';
    const volume: PersistentVolume | undefined = informers.get('persistentvolumes').get(name);
    return (volume && uniqueNameOf(volume)) ?? [];
  });
}

/** Waits until its volumes are attached; says that it uses them before it does. */
function* start(pod: Stored<Pod>, context: ControllerContext): Process<{ requeueAfter: number } | undefined> {
  const { api } = context;
  if (pod.status?.phase === 'Running') return undefined;
  const node = yield* api.nodes.get({ name: pod.spec.nodeName ?? '' });
  const volumes = volumesOf(pod, context);
  const attached = new Set(node.status?.volumesAttached?.map(({ name }) => name));
  if (!volumes.every((name) => attached.has(name))) return AGAIN;
  const inUse = new Set(node.status?.volumesInUse);
  if (!volumes.every((name) => inUse.has(name))) {
    yield* api.nodes.updateStatus({ ...node, status: { ...node.status, volumesInUse: [...new Set([...inUse, ...volumes])].sort() } });
    return AGAIN;
  }
  const name = pod.spec.containers[0]?.name ?? '';
  const containerStatuses = [
    { name, ready: true, restartCount: 0, image: '', imageID: '', state: { running: { startedAt: context.timestamp() } } },
  ];
  yield* api.pods.updateStatus({ ...pod, status: { ...pod.status, phase: 'Running', containerStatuses } });
  return undefined;
}

/** Unmounts, says so, and lets the pod go. */
function* stop(pod: Stored<Pod>, context: ControllerContext): Process<{ requeueAfter: number } | undefined> {
  const { api, informers } = context;
  const node = yield* api.nodes.get({ name: pod.spec.nodeName ?? '' });
  const others = informers
    .get('pods')
    .byIndex('node', node.metadata.name)
    .filter(({ metadata }) => metadata.uid !== pod.metadata.uid);
  const kept = new Set(others.flatMap((other) => volumesOf(other, context)));
  const mine = volumesOf(pod, context).filter((name) => !kept.has(name));
  const volumesInUse = (node.status?.volumesInUse ?? []).filter((name) => !mine.includes(name));
  if (volumesInUse.length < (node.status?.volumesInUse ?? []).length)
    yield* api.nodes.updateStatus({ ...node, status: { ...node.status, volumesInUse } });
  const { namespace = 'default', name, uid } = pod.metadata;
  yield* api.pods.delete({ namespace, name, gracePeriodSeconds: 0, preconditions: { uid } });
  return undefined;
}
