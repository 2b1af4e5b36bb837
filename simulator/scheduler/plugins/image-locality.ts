import type { Pod } from '@slipway/kube';
import type { ImageState, NodeInfo } from '../cache/node-info.ts';
import { MAX_NODE_SCORE, type ScorePlugin } from '../framework/types.ts';

const MEBIBYTE = 1024 * 1024;
/** Images below this are not worth the trouble. */
const MIN_BYTES = 23 * MEBIBYTE;
/** And above this, per container, more makes no difference. */
const MAX_BYTES_PER_CONTAINER = 1000 * MEBIBYTE;

/**
 * Prefers nodes that hold the pod's images already; an image that is on few nodes counts less, so that pods do not all go there.
 * Source: `plugins/imagelocality/image_locality.go`.
 */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  score(pod, nodeInfo, state) {
    const containers = pod.spec.containers.length + (pod.spec.initContainers?.length ?? 0);
    return imageScore(imageBytes(pod, nodeInfo, state.snapshot.nodes.length), containers);
  },
};

/** 0 to 100 for the bytes that need not be pulled. */
export function imageScore(bytes: number, containers: number): number {
  const most = MAX_BYTES_PER_CONTAINER * containers;
  const counted = Math.min(Math.max(bytes, MIN_BYTES), most);
  return Math.trunc((MAX_NODE_SCORE * (counted - MIN_BYTES)) / (most - MIN_BYTES));
}

function imageBytes(pod: Pod, { images }: NodeInfo, nodes: number): number {
  // Nodes without images are usual in a simulation, and this is asked of every node for every pod.
  if (images.size === 0) return 0;
  let sum = 0;
  const add = (image: string | undefined): void => {
    const state = image === undefined ? undefined : images.get(normalizedImageName(image));
    if (state) sum += scaledBytes(state, nodes);
  };
  for (const container of pod.spec.initContainers ?? []) add(container.image);
  for (const container of pod.spec.containers) add(container.image);
  for (const volume of pod.spec.volumes ?? []) add(volume.image?.reference);
  return sum;
}

const scaledBytes = ({ sizeBytes, nodeCount }: ImageState, nodes: number): number => Math.trunc(sizeBytes * (nodeCount / nodes));

/** `nginx` → `nginx:latest`; a colon before the last slash is a port. */
export function normalizedImageName(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
}
