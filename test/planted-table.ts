import type { Part } from './planted-hunt.ts';

/** One faulty plugin or controller, and what finds it. */
export interface Planted {
  /** File of `planted/`, without its ending: `cni-never-frees`. */
  readonly bug: string;
  /** File of `planted/stories/`, without its ending. */
  readonly story: string;
  /** Id of the invariant that names what is wrong. */
  readonly finds: string;
  /** First seed whose case breaks it; 0 stands for the story as it was written, with nothing else wrong. */
  readonly seed: number;
  /** What the case shrinks to, at most. */
  readonly nodes: number;
  readonly steps: number;
}

/** What `--set` sets, by how names begin. */
const PLACES: Readonly<Record<string, string>> = {
  cni: 'plugins.cni',
  csi: 'plugins.csi',
  cri: 'plugins.cri',
  oci: 'plugins.oci',
  cpi: 'plugins.cpi',
  smi: 'plugins.smi',
  scheduler: 'controlPlane.scheduler',
  kubelet: 'controlPlane.kubelet',
  replicasets: 'controlPlane.controllers.replicaset-controller',
  endpointslices: 'controlPlane.controllers.endpointslice-controller',
  labeller: 'controlPlane.controllers.labeller',
  garbage: 'controlPlane.controllers.garbage-collector-controller',
};

export function partOf({ bug, story }: Planted): Part {
  const set = PLACES[bug.split('-')[0] ?? ''];
  if (set === undefined) throw new Error(`${bug} begins with no part of a cluster`);
  return { story, set, file: bug };
}

/** Every faulty file of `planted/`. `SLIPWAY_PLANTED=all` measures them anew. */
export const table: readonly Planted[] = [];

/** The plugins that the faulty ones differ from by a few lines, each in a story that uses it. */
export const correct: readonly Part[] = [
  { story: 'network', set: 'plugins.cni', file: 'correct/network' },
  { story: 'network', set: 'plugins.cni', file: 'correct/noting-network' },
  { story: 'network-crio', set: 'plugins.cni', file: 'correct/network' },
  { story: 'storage', set: 'plugins.csi', file: 'correct/driver' },
  { story: 'storage-lost', set: 'plugins.csi', file: 'correct/driver' },
  { story: 'runtime', set: 'plugins.cri', file: 'correct/runtime' },
  { story: 'runtime', set: 'plugins.oci', file: 'correct/low-level-runtime' },
  { story: 'cloud', set: 'plugins.cpi', file: 'correct/provider' },
  { story: 'mesh', set: 'plugins.smi', file: 'correct/mesh' },
  { story: 'scheduling', set: 'controlPlane.scheduler', file: 'correct/placement' },
  { story: 'workloads', set: 'controlPlane.kubelet', file: 'correct/kubelet' },
  { story: 'workloads', set: 'controlPlane.controllers.replicaset-controller', file: 'correct/replica-sets' },
  { story: 'workloads', set: 'controlPlane.controllers.endpointslice-controller', file: 'correct/endpoint-slices' },
  { story: 'workloads', set: 'controlPlane.controllers.labeller', file: 'correct/labeller' },
  { story: 'workloads', set: 'controlPlane.controllers.garbage-collector-controller', file: 'correct/garbage-collector' },
];
