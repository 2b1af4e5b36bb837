import { arbitraryScenario } from '@slipway/testing';
import fc from 'fast-check';
import type { ScenarioDocument } from '../scenario/schema.ts';

/**
 * Stories for a search that is given none: machines and workloads of every sort, another for each seed, with room for all that they
 * apply, so that they converge when nothing goes wrong.
 *
 * @param like what all of them share: plugins, own invariants
 */
export function generatedStories(like: ScenarioDocument): (seed: number) => ScenarioDocument {
  const arbitrary = arbitraryScenario({ maxNodes: 3, maxEvents: 0, faults: false, calm: false });
  const { plugins, controlPlane } = like.spec.cluster ?? {};
  const { invariants } = like.spec;
  return (seed) => {
    const [story] = fc.sample(arbitrary, { seed, numRuns: 1 }) as readonly unknown[] as readonly ScenarioDocument[];
    if (!story) throw new Error('nothing was drawn');
    const cluster = { ...story.spec.cluster, ...(plugins ? { plugins } : {}), ...(controlPlane ? { controlPlane } : {}) };
    return { ...story, spec: { ...story.spec, cluster, ...(invariants ? { invariants } : {}) } };
  };
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
    ],
  },
};
