import fc from 'fast-check';
import type { PodLoad } from './cluster.ts';
import { pick, seldom, usually } from './sizes.ts';

export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** What is drawn of a workload. Every combination can be made and can run. */
export interface WorkloadShape {
  readonly kind: WorkloadKind;
  readonly replicas: number;
  readonly image: number;
  readonly cpuMillis: number;
  readonly memoryMebibytes: number;
  readonly grace: number | undefined;
  readonly longName: boolean;
  readonly service: 'none' | 'ClusterIP' | 'headless' | 'NodePort' | 'LoadBalancer';
  readonly probe: 'none' | 'readiness' | 'all';
  readonly claim: boolean;
  readonly scratch: boolean;
  readonly config: boolean;
  readonly init: boolean;
  readonly budget: boolean;
  readonly spread: 'none' | 'hosts' | 'zones' | 'apart';
  readonly update: 'usual' | 'all at once' | 'one by one';
  readonly minReadySeconds: number;
}

export interface ScenarioWorkloadOptions {
  /** Left out: all four. */
  readonly kinds?: readonly WorkloadKind[];
  /** Left out: 3. */
  readonly maxReplicas?: number;
  /** Whether claims may be asked for, so that a storage driver has to be there. Left out: true. */
  readonly claims?: boolean;
}

/** Shrinks to a Deployment of one replica with nothing about it. */
export function arbitraryWorkloadShape({
  kinds = WORKLOAD_KINDS,
  maxReplicas = 3,
  claims = true,
}: ScenarioWorkloadOptions = {}): fc.Arbitrary<WorkloadShape> {
  const more = Array.from({ length: Math.max(0, maxReplicas - 1) }, (_, index) => index + 2);
  return fc.record({
    kind: usually<WorkloadKind>(kinds[0] ?? 'Deployment', ...kinds.slice(1)),
    replicas: maxReplicas === 0 ? fc.constant(0) : usually(1, ...more, 0),
    image: pick,
    cpuMillis: usually(100, 0, 250, 500, 1),
    memoryMebibytes: usually(64, 0, 128, 1),
    grace: usually<number | undefined>(1, undefined, 0, 30),
    longName: seldom(8),
    service: usually<WorkloadShape['service']>('none', 'ClusterIP', 'headless', 'NodePort', 'LoadBalancer'),
    probe: usually<WorkloadShape['probe']>('none', 'readiness', 'all'),
    claim: claims ? seldom(4) : fc.constant(false),
    scratch: seldom(6),
    config: seldom(5),
    init: seldom(6),
    budget: seldom(4),
    spread: usually<WorkloadShape['spread']>('none', 'hosts', 'zones', 'apart'),
    update: usually<WorkloadShape['update']>('usual', 'all at once', 'one by one'),
    minReadySeconds: usually(0, 1, 10),
  });
}

/** What the workload needs at most, an update that is under way included. */
export function loadOf({ kind, replicas, cpuMillis, memoryMebibytes, update }: WorkloadShape, most = replicas): PodLoad {
  const size = { cpuMillis, memoryMebibytes };
  if (kind === 'DaemonSet') return { count: 'each', ...size };
  if (kind === 'Job') return { count: Math.max(1, most), ...size };
  // A quarter more, rounded up, is what a Deployment may have beside its replicas. Source: apps/v1, RollingUpdateDeployment.maxSurge.
  return { count: kind === 'Deployment' && update === 'usual' ? most + Math.ceil(most / 4) : most, ...size };
}
