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
export const table: readonly Planted[] = [
  { bug: 'cni-check-refuses', story: 'network-crio', finds: 'NET-13', seed: 0, nodes: 2, steps: 2 },
  { bug: 'cni-del-needs-namespace', story: 'network', finds: 'NET-05', seed: 0, nodes: 1, steps: 2 },
  { bug: 'cni-gives-network-address', story: 'network', finds: 'NET-02', seed: 0, nodes: 1, steps: 1 },
  { bug: 'cni-keeps-address-of-lost-namespace', story: 'network', finds: 'NET-07', seed: 0, nodes: 1, steps: 3 },
  { bug: 'cni-late-del-takes-new-attachment', story: 'network', finds: 'NET-12', seed: 19, nodes: 1, steps: 2 },
  { bug: 'cni-leaks-address-on-late-failure', story: 'network', finds: 'NET-07', seed: 1, nodes: 1, steps: 3 },
  { bug: 'cni-leaves-interface-on-failure', story: 'network', finds: 'NET-03', seed: 0, nodes: 1, steps: 1 },
  { bug: 'cni-never-frees', story: 'network', finds: 'NET-07', seed: 0, nodes: 2, steps: 3 },
  { bug: 'cni-same-address-twice', story: 'network', finds: 'NET-01', seed: 1, nodes: 1, steps: 2 },
  { bug: 'cni-same-range-on-each-node', story: 'network', finds: 'NET-01', seed: 0, nodes: 2, steps: 1 },
  { bug: 'cni-second-del-fails', story: 'network', finds: 'NET-05', seed: 0, nodes: 1, steps: 3 },
  { bug: 'cpi-error-means-gone', story: 'cloud', finds: 'CPI-02', seed: 0, nodes: 2, steps: 3 },
  { bug: 'cpi-keeps-routes', story: 'cloud', finds: 'CPI-05', seed: 0, nodes: 2, steps: 2 },
  { bug: 'cpi-leaks-balancer-on-type-change', story: 'cloud', finds: 'CPI-06', seed: 0, nodes: 1, steps: 2 },
  { bug: 'cpi-never-gone', story: 'cloud', finds: 'CPI-03', seed: 0, nodes: 2, steps: 2 },
  { bug: 'cpi-stale-targets', story: 'cloud', finds: 'CPI-08', seed: 0, nodes: 2, steps: 2 },
  { bug: 'cri-keeps-sandbox', story: 'runtime', finds: 'CRI-03', seed: 0, nodes: 1, steps: 2 },
  { bug: 'cri-removes-image-in-use', story: 'runtime', finds: 'CRI-04', seed: 0, nodes: 1, steps: 1 },
  { bug: 'cri-second-stop-fails', story: 'runtime', finds: 'CRI-01', seed: 0, nodes: 1, steps: 2 },
  { bug: 'csi-create-not-idempotent', story: 'storage', finds: 'CSI-05', seed: 0, nodes: 1, steps: 1 },
  { bug: 'csi-delete-keeps-volume', story: 'storage', finds: 'CSI-06', seed: 0, nodes: 1, steps: 2 },
  { bug: 'csi-detach-forgets', story: 'storage', finds: 'CSI-15', seed: 0, nodes: 2, steps: 2 },
  { bug: 'csi-detach-needs-machine', story: 'storage-lost', finds: 'CSI-09', seed: 0, nodes: 1, steps: 3 },
  { bug: 'csi-detach-of-detached-fails', story: 'storage-unanswered', finds: 'CSI-09', seed: 0, nodes: 1, steps: 3 },
  { bug: 'csi-expand-shrinks', story: 'storage', finds: 'CSI-14', seed: 0, nodes: 1, steps: 2 },
  { bug: 'csi-ignores-capacity', story: 'storage-lost', finds: 'CSI-13', seed: 0, nodes: 1, steps: 2 },
  { bug: 'csi-lists-no-machines', story: 'storage', finds: 'CSI-15', seed: 0, nodes: 1, steps: 1 },
  { bug: 'csi-second-stage-fails', story: 'storage', finds: 'CSI-08', seed: 20, nodes: 2, steps: 2 },
  { bug: 'csi-second-unpublish-fails', story: 'storage-unanswered', finds: 'CSI-09', seed: 0, nodes: 1, steps: 3 },
  { bug: 'csi-stage-formats-again', story: 'storage', finds: 'CSI-08', seed: 0, nodes: 1, steps: 2 },
  { bug: 'csi-stage-skipped-after-power-loss', story: 'storage', finds: 'CSI-08', seed: 0, nodes: 1, steps: 2 },
  { bug: 'csi-two-volumes-by-one-name', story: 'storage', finds: 'CSI-05', seed: 0, nodes: 1, steps: 1 },
  { bug: 'csi-unpublish-leaves-mount', story: 'storage', finds: 'CSI-08', seed: 0, nodes: 1, steps: 2 },
  { bug: 'endpointslices-keep-deleted-pods', story: 'workloads', finds: 'NET-10', seed: 0, nodes: 1, steps: 2 },
  { bug: 'kubelet-restarts-completed', story: 'workloads', finds: 'KUB-06', seed: 0, nodes: 1, steps: 1 },
  { bug: 'kubelet-skips-init', story: 'workloads', finds: 'KUB-04', seed: 0, nodes: 1, steps: 1 },
  { bug: 'labeller-loses-finalizers', story: 'workloads', finds: 'API-09', seed: 0, nodes: 1, steps: 1 },
  { bug: 'oci-delete-leaves-created', story: 'runtime-failing', finds: 'OCI-02', seed: 0, nodes: 1, steps: 2 },
  { bug: 'oci-runs-after-reboot', story: 'runtime', finds: 'OCI-03', seed: 0, nodes: 1, steps: 2 },
  { bug: 'oci-runs-at-create', story: 'runtime', finds: 'OCI-01', seed: 0, nodes: 1, steps: 1 },
  { bug: 'oci-start-does-nothing', story: 'runtime', finds: 'OCI-01', seed: 0, nodes: 1, steps: 1 },
  { bug: 'replicasets-keep-surplus', story: 'workloads', finds: 'API-06', seed: 0, nodes: 2, steps: 3 },
  { bug: 'replicasets-overshoot-under-stale-cache', story: 'workloads-behind', finds: 'API-10', seed: 0, nodes: 2, steps: 3 },
  { bug: 'scheduler-double-books', story: 'scheduling', finds: 'SCH-01', seed: 3, nodes: 1, steps: 4 },
  { bug: 'scheduler-ignores-anti-affinity', story: 'scheduling', finds: 'SCH-10', seed: 0, nodes: 2, steps: 3 },
  { bug: 'scheduler-ignores-host-ports', story: 'scheduling', finds: 'SCH-13', seed: 0, nodes: 2, steps: 3 },
  { bug: 'scheduler-ignores-spread', story: 'scheduling', finds: 'SCH-11', seed: 0, nodes: 2, steps: 3 },
  { bug: 'scheduler-ignores-taints', story: 'scheduling', finds: 'SCH-12', seed: 0, nodes: 2, steps: 3 },
  { bug: 'smi-allows-without-target', story: 'mesh', finds: 'SMI-04', seed: 0, nodes: 1, steps: 4 },
  { bug: 'smi-method-ignored', story: 'mesh', finds: 'SMI-04', seed: 0, nodes: 2, steps: 3 },
  { bug: 'smi-newest-target-counts', story: 'mesh', finds: 'SMI-06', seed: 0, nodes: 1, steps: 4 },
  { bug: 'smi-weight-zero-gets-requests', story: 'mesh', finds: 'SMI-02', seed: 0, nodes: 2, steps: 3 },
];

/** The plugins that the faulty ones differ from by a few lines, each in a story that uses it. */
export const correct: readonly Part[] = [
  { story: 'network', set: 'plugins.cni', file: 'correct/network' },
  { story: 'network', set: 'plugins.cni', file: 'correct/noting-network' },
  { story: 'network-crio', set: 'plugins.cni', file: 'correct/network' },
  { story: 'storage', set: 'plugins.csi', file: 'correct/driver' },
  { story: 'storage-lost', set: 'plugins.csi', file: 'correct/driver' },
  { story: 'runtime', set: 'plugins.cri', file: 'correct/runtime' },
  { story: 'runtime', set: 'plugins.oci', file: 'correct/low-level-runtime' },
  { story: 'storage-unanswered', set: 'plugins.csi', file: 'correct/driver' },
  { story: 'runtime-failing', set: 'plugins.oci', file: 'correct/low-level-runtime' },
  { story: 'workloads-behind', set: 'controlPlane.controllers.replicaset-controller', file: 'correct/replica-sets' },
  { story: 'cloud', set: 'plugins.cpi', file: 'correct/provider' },
  { story: 'mesh', set: 'plugins.smi', file: 'correct/mesh' },
  { story: 'scheduling', set: 'controlPlane.scheduler', file: 'correct/placement' },
  { story: 'workloads', set: 'controlPlane.kubelet', file: 'correct/kubelet' },
  { story: 'workloads', set: 'controlPlane.controllers.replicaset-controller', file: 'correct/replica-sets' },
  { story: 'workloads', set: 'controlPlane.controllers.endpointslice-controller', file: 'correct/endpoint-slices' },
  { story: 'workloads', set: 'controlPlane.controllers.labeller', file: 'correct/labeller' },
  { story: 'workloads', set: 'controlPlane.controllers.garbage-collector-controller', file: 'correct/garbage-collector' },
];
