import { hashText, Random } from '@slipway/kernel';
import type { Kind } from '@slipway/kube';
import { arbitraryScenario } from '@slipway/testing';
import fc from 'fast-check';
import { NodeNames } from '../scenario/node-names.ts';
import type { ClusterDocument, NodesDocument, ScenarioDocument, StepDocument } from '../scenario/schema.ts';
import { stepTime } from '../scenario/times.ts';
import { drawPlugins, namesOf } from './drawn-plugins.ts';
import { type Part, scenes } from './scenes/index.ts';

/** Room for whatever scenes put on a machine. */
const ROOMY = { cpu: '4', memory: '16Gi', pods: 110 };

/**
 * Stories for a search that is given none: machines, plugins and workloads of every sort, and scenes of what people do with them; another
 * for each seed, with room for all that they apply, so that they converge when nothing goes wrong.
 *
 * @param like what all of them share: plugins, own invariants
 * @param kinds that a cluster of drawn plugins knows. A mesh is drawn only where its kinds are among them.
 */
export function generatedStories(like: ScenarioDocument, kinds: readonly Kind[] = []): (seed: number) => ScenarioDocument {
  const full = arbitraryScenario({ maxNodes: 3, maxEvents: 0, faults: false, calm: false });
  const small = arbitraryScenario({ maxNodes: 3, maxWorkloads: 1, maxEvents: 0, faults: false, calm: false });
  const { plugins, controlPlane } = like.spec.cluster ?? {};
  const { invariants } = like.spec;
  const knowsMesh = kinds.some(({ kind }) => kind === 'TrafficSplit');
  return (seed) => {
    const random = new Random(hashText(`story ${seed}`));
    const hasScenes = random.chance(3, 4);
    const [story] = fc.sample(hasScenes ? small : full, { seed, numRuns: 1 }) as readonly unknown[] as readonly ScenarioDocument[];
    if (!story) throw new Error('nothing was drawn');
    const drawn = drawPlugins(random, plugins ?? {}, knowsMesh);
    const cluster: ClusterDocument = {
      ...story.spec.cluster,
      ...(Object.keys(drawn).length > 0 ? { plugins: drawn } : {}),
      ...(controlPlane ? { controlPlane } : {}),
    };
    const spec = { ...story.spec, cluster, ...(invariants ? { invariants } : {}) };
    return hasScenes ? withScenes({ ...story, spec }, random) : { ...story, spec };
  };
}

/** The story with scenes in it, or with nothing else. */
function withScenes(story: ScenarioDocument, random: Random): ScenarioDocument {
  const { cluster = {}, steps = [], ...rest } = story.spec;
  const plugins = namesOf(cluster.plugins ?? {});
  const machines = (cluster.nodes ?? []).map((sort): NodesDocument => ({ ...sort, capacity: { ...ROOMY } }));
  const names = new NodeNames();
  const nodes = machines.flatMap((sort) => names.of(sort));
  const possible = scenes.filter(({ fits }) => fits?.(plugins) ?? true);
  // A mesh is drawn for what can be done with it.
  const wanted = plugins.smi === 'linkerd' ? possible.filter(({ name }) => name.startsWith('traffic-')) : possible;
  const played = [random.pick(wanted), ...(random.chance(1, 3) ? [random.pick(possible)] : [])];
  const parts = [...new Set(played)].map((scene) => scene.draw({ random, nodes, plugins }));
  const isAlone = parts.some(({ nodeCIDRMaskSize }) => nodeCIDRMaskSize !== undefined) || random.chance(2, 3);
  return {
    ...story,
    spec: { ...rest, cluster: clusterOf(cluster, machines, parts), steps: stepsOf(isAlone ? [] : steps, parts) },
  };
}

function clusterOf(cluster: ClusterDocument, machines: readonly NodesDocument[], parts: readonly Part[]): ClusterDocument {
  const capacity = parts.findLast((part) => part.capacity)?.capacity;
  const mask = parts.find(({ nodeCIDRMaskSize }) => nodeCIDRMaskSize !== undefined)?.nodeCIDRMaskSize;
  return {
    ...cluster,
    nodes: [...machines.map((sort) => (capacity ? { ...sort, capacity } : sort)), ...parts.flatMap((part) => part.machines ?? [])],
    // Only where few pods are on a machine.
    ...(mask === undefined || parts.length > 1 ? {} : { nodeCIDRMaskSize: mask }),
  };
}

function stepsOf(before: readonly StepDocument[], parts: readonly Part[]): StepDocument[] {
  const objects = [...before.flatMap(({ apply }) => [apply ?? []].flat()), ...parts.flatMap((part) => part.objects ?? [])];
  const later = [...before.filter(({ apply }) => apply === undefined), ...parts.flatMap((part) => part.steps ?? [])];
  const first: StepDocument[] = objects.length > 0 ? [{ at: '0s', apply: objects }] : [];
  return [...first, ...later.toSorted((a, b) => (stepTime(a.at) ?? 0) - (stepTime(b.at) ?? 0))];
}

/** A story of all interfaces: it shows to a search that is given none what can go wrong in generated ones, and when. */
export const referenceStory: ScenarioDocument = {
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'Scenario',
  metadata: { name: 'generated' },
  spec: {
    steps: [
      {
        at: '0s',
        apply: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            metadata: { name: 'web' },
            spec: {
              replicas: 2,
              selector: { matchLabels: { app: 'web' } },
              template: {
                metadata: { labels: { app: 'web' } },
                spec: { containers: [{ name: 'server', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] },
              },
            },
          },
          {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: 'web' },
            spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
          },
          {
            apiVersion: 'apps/v1',
            kind: 'StatefulSet',
            metadata: { name: 'db' },
            spec: {
              serviceName: 'db',
              replicas: 1,
              selector: { matchLabels: { app: 'db' } },
              template: {
                metadata: { labels: { app: 'db' } },
                spec: {
                  containers: [{ name: 'db', image: 'redis:7', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
                },
              },
              volumeClaimTemplates: [
                {
                  metadata: { name: 'data' },
                  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
                },
              ],
            },
          },
          {
            apiVersion: 'batch/v1',
            kind: 'Job',
            metadata: { name: 'once' },
            spec: {
              template: {
                spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1.36', command: ['sleep', '5'] }] },
              },
            },
          },
        ],
      },
      { at: '20s', delete: { of: { podOf: 'statefulset/db' } } },
      { at: '45s', scale: { of: 'deployment/web', replicas: 1 } },
      { at: '50s', patch: { of: 'persistentvolumeclaim/data-db-0', with: { spec: { resources: { requests: { storage: '2Gi' } } } } } },
      {
        at: '55s',
        apply: [
          {
            apiVersion: 'snapshot.storage.k8s.io/v1',
            kind: 'VolumeSnapshotClass',
            metadata: { name: 'ebs' },
            driver: 'ebs.csi.aws.com',
            deletionPolicy: 'Delete',
          },
          {
            apiVersion: 'snapshot.storage.k8s.io/v1',
            kind: 'VolumeSnapshot',
            metadata: { name: 'db' },
            spec: { volumeSnapshotClassName: 'ebs', source: { persistentVolumeClaimName: 'data-db-0' } },
          },
        ],
      },
      { at: '75s', delete: ['volumesnapshot/db', 'service/web', 'statefulset/db'] },
      { at: '80s', delete: 'persistentvolumeclaim/data-db-0' },
    ],
  },
};
