import { picked } from './sizes.ts';
import type { WorkloadShape } from './workload-shape.ts';

/** An image that the simulated machines know, and where it listens. */
interface Server {
  readonly image: string;
  readonly port: number;
  readonly probe: object;
}

const SERVERS: readonly Server[] = [
  { image: 'nginx:1.27', port: 80, probe: { httpGet: { path: '/', port: 80 } } },
  { image: 'redis:7.2', port: 6379, probe: { tcpSocket: { port: 6379 } } },
  { image: 'busybox:1.36', port: 8080, probe: { exec: { command: ['true'] } } },
];

/** Names of what stands around the pods. */
export interface Surroundings {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly config: string;
  readonly claim: string | undefined;
}

/** The pod template of a workload, and the port on which it serves. */
export function podOf(shape: WorkloadShape, { labels, config, claim }: Surroundings): { readonly template: object; readonly port: number } {
  const server = picked(SERVERS, shape.image);
  const { kind, grace } = shape;
  const volumes = volumesOf(shape, config, claim);
  const requests = requestsOf(shape);
  const container = {
    name: 'main',
    image: kind === 'Job' ? 'busybox:1.36' : server.image,
    ...commandOf(kind, server),
    ...(Object.keys(requests).length === 0 ? {} : { resources: { requests } }),
    ...(kind === 'Job' ? {} : { ports: [{ containerPort: server.port }], ...probesOf(shape, server) }),
    ...(volumes.length === 0 ? {} : { volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/mnt/${name}` })) }),
  };
  const spec = {
    ...(kind === 'Job' ? { restartPolicy: 'OnFailure' } : {}),
    ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }),
    ...(shape.init ? { initContainers: [{ name: 'before', image: 'busybox:1.36', command: ['sh', '-c', 'sleep 1'] }] } : {}),
    containers: [container],
    ...(volumes.length === 0 ? {} : { volumes }),
    ...placementOf(shape, labels),
  };
  return { template: { metadata: { labels }, spec }, port: server.port };
}

function commandOf(kind: WorkloadShape['kind'], { image }: Server): object {
  if (kind === 'Job') return { command: ['sh', '-c', 'sleep 2'] };
  // A shell as the first process hears no signal unless it traps it, which costs each stop its whole grace period.
  if (image.startsWith('busybox')) return { command: ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'] };
  return {};
}

function requestsOf({ cpuMillis, memoryMebibytes }: WorkloadShape): Record<string, string> {
  return {
    ...(cpuMillis === 0 ? {} : { cpu: `${cpuMillis}m` }),
    ...(memoryMebibytes === 0 ? {} : { memory: `${memoryMebibytes}Mi` }),
  };
}

function probesOf({ probe }: WorkloadShape, server: Server): object {
  if (probe === 'none') return {};
  const readinessProbe = { ...server.probe, periodSeconds: 2 };
  if (probe === 'readiness') return { readinessProbe };
  const startupProbe = { ...server.probe, periodSeconds: 1, failureThreshold: 60 };
  return { startupProbe, readinessProbe, livenessProbe: { ...server.probe, periodSeconds: 10, failureThreshold: 3 } };
}

type Volume = { readonly name: string } & Readonly<Record<string, unknown>>;

function volumesOf({ kind, config: withConfig, scratch }: WorkloadShape, config: string, claim: string | undefined): readonly Volume[] {
  const volumes: Volume[] = [];
  if (withConfig) volumes.push({ name: 'settings', configMap: { name: config } });
  if (scratch) volumes.push({ name: 'scratch', emptyDir: {} });
  // The template of a StatefulSet's claim puts its volume into the pod by itself; only the mount is written.
  if (claim !== undefined)
    volumes.push({ name: 'data', ...(kind === 'StatefulSet' ? {} : { persistentVolumeClaim: { claimName: claim } }) });
  return volumes;
}

/** Wishes, never demands: whatever is lost or cordoned, the pods can run on what is left. */
function placementOf({ kind, spread }: WorkloadShape, labels: Record<string, string>): object {
  if (spread === 'none' || kind === 'DaemonSet' || kind === 'Job') return {};
  const labelSelector = { matchLabels: labels };
  if (spread === 'apart') {
    const term = { topologyKey: 'kubernetes.io/hostname', labelSelector };
    return { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] } } };
  }
  const topologyKey = spread === 'hosts' ? 'kubernetes.io/hostname' : 'topology.kubernetes.io/zone';
  return { topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector }] };
}
