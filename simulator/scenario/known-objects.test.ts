import { kinds, type KubeObject } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../manifests/input-error.ts';
import { checkKnownObjects } from './known-objects.ts';
import type { ExpectationDocument, StepDocument } from './schema.ts';

type Fields = Readonly<Record<string, unknown>>;
const object = (apiVersion: string, kind: string, name: string, fields: Fields = {}, namespace = 'default'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  ...fields,
});
const withVolumes = (volumes: readonly Fields[]): Fields => ({ spec: { template: { spec: { containers: [], volumes } } } });

const APPLIED: readonly KubeObject[] = [
  object('apps/v1', 'Deployment', 'web', withVolumes([{ name: 'scratch', ephemeral: {} }])),
  object('apps/v1', 'Deployment', 'shop', {}, 'shop'),
  object('apps/v1', 'StatefulSet', 'db', { spec: { volumeClaimTemplates: [object('v1', 'PersistentVolumeClaim', 'data')] } }),
  object('apps/v1', 'DaemonSet', 'agent'),
  object('batch/v1', 'CronJob', 'punctual'),
  object('v1', 'Pod', 'client'),
  object('v1', 'Service', 'web'),
  object('v1', 'PersistentVolumeClaim', 'files'),
];

/** Path, message and fix of each problem. */
function problems(document: StepDocument | ExpectationDocument, objects = APPLIED): readonly string[] {
  const found: Problem[] = [];
  const placeOf = (path: readonly (string | number)[]) => ({ file: path.join('.'), line: 1, column: 1 });
  checkKnownObjects(document, placeOf, { objects, kinds }, found);
  return found.map(({ place, message, fix }) => `${place.file} | ${message} | ${fix}`);
}

const about = (key: string, title: string): string => `${key}: there is no ${title}: no step applies it`;
const made = (key: string, title: string): string => `${about(key, title)}, nor what would make it`;

describe('objects that nobody applies are found before the run, wherever they are named', () => {
  test.each<[StepDocument | ExpectationDocument, string]>([
    [
      { powerOff: { nodeOf: 'deployment/wbe' } },
      `powerOff.nodeOf | ${about('powerOff', 'Deployment default/wbe')} | did you mean "deployment/web"?`,
    ],
    [
      { partition: { node: { nodeOf: 'sts/bd' } } },
      `partition.node.nodeOf | ${about('partition', 'StatefulSet default/bd')} | did you mean "statefulset/db"?`,
    ],
    [
      { scale: { of: 'deployment/shop', replicas: 2 } },
      `scale.of | ${about('scale', 'Deployment default/shop')} | did you mean "deployment/shop/shop"?`,
    ],
    [{ delete: 'service/wbe' }, `delete | ${about('delete', 'Service default/wbe')} | did you mean "service/web"?`],
    [
      { delete: ['pod/client', 'cm/team'] },
      `delete.1 | ${about('delete', 'ConfigMap default/team')} | add a step that applies it, or correct the name`,
    ],
    [{ delete: { of: ['pod/clinet'] } }, `delete.of.0 | ${made('delete', 'Pod default/clinet')} | did you mean "pod/client"?`],
    [
      { patch: { kind: 'Deployment', metadata: { name: 'webb' } } },
      `patch.metadata.name | ${about('patch', 'Deployment default/webb')} | did you mean "deployment/web"?`,
    ],
    [
      { exec: { pod: 'web', command: 'ls' } },
      `exec.pod | ${made('exec', 'Pod default/web')} | write { podOf: deployment/web } for the first pod of it`,
    ],
    [
      { fault: { on: 'csi', node: { nodeOf: 'pvc/fils' }, hang: true } },
      `fault.node.nodeOf | ${made('fault', 'PersistentVolumeClaim default/fils')} | did you mean "persistentvolumeclaim/files"?`,
    ],
    [
      { reachable: { from: 'pod/clinet', to: 'http://web/' } },
      `reachable.from | ${made('reachable', 'Pod default/clinet')} | did you mean "pod/client"?`,
    ],
    [
      { request: { from: { podOf: 'ds/agnt' }, to: 'http://web/' } },
      `request.from.podOf | ${about('request', 'DaemonSet default/agnt')} | did you mean "daemonset/agent"?`,
    ],
    [{ request: { from: 'outside', to: 'service/shp' } }, `request.to | ${about('request', 'Service default/shp')} | there is service/web`],
    [
      { request: { from: 'pod/client', to: 'http://web/', by: 'deployment/db' } },
      `request.by | ${about('request', 'Deployment default/db')} | did you mean "statefulset/db"?`,
    ],
    [{ condition: 'Ready', of: 'pod/db-x' }, `of | ${made('of', 'Pod default/db-x')} | did you mean "statefulset/db"?`],
  ])('%j', (document, problem) => expect(problems(document)).toEqual([problem]));

  test('every mistake of a document is told', () => {
    expect(problems({ request: { from: 'pod/a', to: 'svc/b', by: 'job/c' } })).toHaveLength(3);
  });

  test('what stands in data is no reference', () => {
    const spec = { of: 'pod/nobody', nodeOf: 'pod/nobody' };
    expect(problems({ patch: { of: 'deployment/web', with: { spec } } })).toEqual([]);
    expect(problems({ object: { kind: 'Pod', spec } })).toEqual([]);
    expect(problems({ apply: { apiVersion: 'x/v1', kind: 'X', spec } })).toEqual([]);
  });
});

describe('objects that may be there are left to the run', () => {
  test.each([
    ...['deployment/web', 'deploy/shop/shop', 'service/web', 'pod/client', 'pvc/files'],
    // Made by controllers, under names that begin with those of their workloads.
    ...[
      'pod/web-5d9c-x7k2p',
      'rs/web-5d9c',
      'pod/db-0',
      'pod/agent-x7k2p',
      'job/punctual-29',
      'pod/punctual-29-x7k2p',
      'pod/shop/shop-1-a',
    ],
    ...['pvc/data-db-2', 'pvc/web-5d9c-x7k2p-scratch'],
    // Made by the cluster.
    ...['service/kubernetes', 'cm/kube-root-ca.crt', 'serviceaccount/default', 'namespace/shop', 'pv/pvc-1', 'pod/kube-system/x'],
    // Known in the run, or wrong for other reasons.
    ...['pod/$marked', 'deploymnt/web'],
  ])('%s', (reference) => expect(problems({ event: 'Started', of: reference })).toEqual([]));

  test('an object in another namespace is another object', () => {
    expect(problems({ delete: 'deployment/shop/web' })).toHaveLength(1);
    expect(problems({ delete: 'pod/shop/web-1-a' })).toHaveLength(1);
  });
});
