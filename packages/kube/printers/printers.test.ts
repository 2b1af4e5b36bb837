import { describe, expect, it } from 'vitest';
import type {
  ContainerStatus,
  Event,
  Job,
  Node,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
  PodStatus,
  ResourceQuota,
  Service,
} from '../types/index.ts';
import { podSummary, tableFor } from './index.ts';

const second = 1_000_000;
const epoch = '1970-01-01T00:00:00Z';

function status(more: Partial<ContainerStatus>): ContainerStatus {
  return { name: 'c', image: '', imageID: '', ready: false, restartCount: 0, ...more };
}

const running = { running: { startedAt: epoch } } as const;
const ready: Partial<PodStatus> = { conditions: [{ type: 'Ready', status: 'True' }] };

function pod(podStatus: PodStatus, spec: Partial<PodSpec> = {}, deletionTimestamp?: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'n', creationTimestamp: epoch, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { containers: [{ name: 'c' }], ...spec },
    status: podStatus,
  };
}

const init: Partial<PodSpec> = { initContainers: [{ name: 'i' }, { name: 'j' }] };
const side: Partial<PodSpec> = { initContainers: [{ name: 's', restartPolicy: 'Always' }] };
const ended = (exitCode: number, reason?: string, signal?: number): Partial<ContainerStatus> => ({
  state: { terminated: { exitCode, ...(reason === undefined ? {} : { reason }), ...(signal === undefined ? {} : { signal }) } },
});

describe('pod status', () => {
  it.each<[string, Pod, string, string]>([
    ['pending', pod({ phase: 'Pending' }), 'Pending', '0/1'],
    ['a reason', pod({ phase: 'Failed', reason: 'Evicted' }), 'Evicted', '0/1'],
    [
      'gated',
      pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
      'SchedulingGated',
      '0/1',
    ],
    ['running', pod({ phase: 'Running', ...ready, containerStatuses: [status({ ready: true, state: running })] }), 'Running', '1/1'],
    [
      'creating',
      pod({ phase: 'Pending', containerStatuses: [status({ state: { waiting: { reason: 'ContainerCreating' } } })] }),
      'ContainerCreating',
      '0/1',
    ],
    [
      'crashing',
      pod({ phase: 'Running', containerStatuses: [status({ state: { waiting: { reason: 'CrashLoopBackOff' } } })] }),
      'CrashLoopBackOff',
      '0/1',
    ],
    ['failed', pod({ phase: 'Failed', containerStatuses: [status(ended(1, 'Error'))] }), 'Error', '0/1'],
    ['exit code', pod({ phase: 'Failed', containerStatuses: [status(ended(3))] }), 'ExitCode:3', '0/1'],
    ['signal', pod({ phase: 'Failed', containerStatuses: [status(ended(137, undefined, 9))] }), 'Signal:9', '0/1'],
    ['done', pod({ phase: 'Succeeded', containerStatuses: [status(ended(0, 'Completed'))] }), 'Completed', '0/1'],
    [
      'init progress',
      pod(
        {
          phase: 'Pending',
          initContainerStatuses: [status({ name: 'i', ...ended(0, 'Completed') }), status({ name: 'j', state: running })],
        },
        init,
      ),
      'Init:1/2',
      '0/1',
    ],
    [
      'init failed',
      pod({ phase: 'Pending', initContainerStatuses: [status({ name: 'i', ...ended(2, 'Error') })] }, init),
      'Init:Error',
      '0/1',
    ],
    [
      'init crashing',
      pod({ phase: 'Pending', initContainerStatuses: [status({ name: 'i', state: { waiting: { reason: 'CrashLoopBackOff' } } })] }, init),
      'Init:CrashLoopBackOff',
      '0/1',
    ],
    [
      'init waits',
      pod({ phase: 'Pending', initContainerStatuses: [status({ name: 'i', state: { waiting: { reason: 'PodInitializing' } } })] }, init),
      'Init:0/2',
      '0/1',
    ],
    [
      'with a sidecar',
      pod(
        {
          phase: 'Running',
          ...ready,
          initContainerStatuses: [status({ name: 's', started: true, ready: true, state: running })],
          containerStatuses: [status({ ready: true, state: running })],
        },
        side,
      ),
      'Running',
      '2/2',
    ],
    [
      'one of two completed, other ready',
      pod(
        {
          phase: 'Running',
          ...ready,
          containerStatuses: [status(ended(0, 'Completed')), status({ name: 'd', ready: true, state: running })],
        },
        { containers: [{ name: 'c' }, { name: 'd' }] },
      ),
      'Running',
      '1/2',
    ],
    [
      'one completed, pod not ready',
      pod(
        { phase: 'Running', containerStatuses: [status(ended(0, 'Completed')), status({ name: 'd', ready: true, state: running })] },
        { containers: [{ name: 'c' }, { name: 'd' }] },
      ),
      'NotReady',
      '1/2',
    ],
    [
      'being deleted',
      pod({ phase: 'Running', containerStatuses: [status({ ready: true, state: running })] }, {}, epoch),
      'Terminating',
      '1/1',
    ],
    [
      'deleted after its end',
      pod({ phase: 'Succeeded', containerStatuses: [status(ended(0, 'Completed'))] }, {}, epoch),
      'Completed',
      '0/1',
    ],
    ['on a lost node', pod({ phase: 'Running', reason: 'NodeLost' }, {}, epoch), 'Unknown', '0/1'],
  ])('%s', (_title, given, text, shown) => {
    const summary = podSummary(given);
    expect([summary.status, `${summary.ready}/${summary.total}`]).toEqual([text, shown]);
  });
});

describe('tables', () => {
  it('pods: restarts say when, wide tables say where', () => {
    const restarted = status({
      ready: true,
      state: running,
      restartCount: 2,
      lastState: { terminated: { exitCode: 1, finishedAt: '1970-01-01T00:01:00Z' } },
    });
    const given = pod(
      { phase: 'Running', ...ready, podIPs: [{ ip: '10.0.0.1' }], containerStatuses: [restarted] },
      { nodeName: 'node-1', readinessGates: [{ conditionType: 'g' }] },
    );
    expect(tableFor('pods', [given], { now: 90 * second })).toEqual({
      columns: ['Name', 'Ready', 'Status', 'Restarts', 'Age'],
      rows: [['p', '1/1', 'Running', '2 (30s ago)', '90s']],
    });
    expect(tableFor('pods', [given], { now: 0, wide: true, namespaces: true })).toEqual({
      columns: ['Namespace', 'Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node', 'Nominated Node', 'Readiness Gates'],
      rows: [['n', 'p', '1/1', 'Running', '2 (<invalid> ago)', '0s', '10.0.0.1', 'node-1', '<none>', '0/1']],
    });
  });

  it('nodes: state, cordon and roles', () => {
    const node: Node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n', labels: { 'node-role.kubernetes.io/control-plane': '', 'kubernetes.io/role': 'x' }, creationTimestamp: epoch },
      spec: { unschedulable: true },
      status: { conditions: [{ type: 'Ready', status: 'Unknown' }] },
    };
    expect(tableFor('nodes', [node], { now: 0 }).rows).toEqual([['n', 'NotReady,SchedulingDisabled', 'control-plane,x', '0s', '']]);
    expect(tableFor('nodes', [{ ...node, metadata: { name: 'm' }, spec: {}, status: {} }], { now: 0 }).rows).toEqual([
      ['m', 'Unknown', '<none>', '<unknown>', ''],
    ]);
  });

  it('services: addresses and ports', () => {
    const service = (spec: Service['spec'], more: Partial<Service> = {}): Service => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', creationTimestamp: epoch },
      spec,
      ...more,
    });
    const rows = tableFor(
      'services',
      [
        service({ type: 'LoadBalancer', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30080 }] }),
        service(
          { type: 'LoadBalancer', clusterIP: '10.0.0.1' },
          { status: { loadBalancer: { ingress: [{ hostname: 'abcdefghijklmnopqrst.example.com' }] } } },
        ),
        service({ type: 'ExternalName', externalName: 'a.b' }),
      ],
      { now: 0 },
    ).rows;
    expect(rows).toEqual([
      ['s', 'LoadBalancer', '10.0.0.1', '<pending>', '80:30080/TCP', '0s'],
      ['s', 'LoadBalancer', '10.0.0.1', 'abcdefghijklm...', '<none>', '0s'],
      ['s', 'ExternalName', '<none>', 'a.b', '<none>', '0s'],
    ]);
  });

  it('jobs, claims and events', () => {
    const job: Job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j', creationTimestamp: epoch },
      spec: { parallelism: 3, template: { spec: { containers: [] } } },
      status: { succeeded: 1, startTime: epoch, conditions: [{ type: 'Suspended', status: 'True' }] },
    };
    expect(tableFor('jobs', [job], { now: 5 * second }).rows).toEqual([['j', 'Suspended', '1/1 of 3', '5s', '5s']]);
    const claim: PersistentVolumeClaim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'c', creationTimestamp: epoch },
      spec: { volumeName: 'v', storageClassName: 'gp3' },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] },
    };
    expect(tableFor('persistentvolumeclaims', [claim], { now: 0 }).rows).toEqual([
      ['c', 'Bound', 'v', '1Gi', 'RWO,RWX', 'gp3', '<unset>', '0s'],
    ]);
    const event: Event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod', name: 'p' },
      type: 'Normal',
      reason: 'Pulled',
      message: ' text ',
      lastTimestamp: epoch,
    };
    expect(tableFor('events', [event], { now: second }).rows).toEqual([['1s', 'Normal', 'Pulled', 'pod/p', 'text']]);
  });

  it('quotas: what is used of what there is, limits apart', () => {
    const quota: ResourceQuota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q', creationTimestamp: epoch },
      status: {
        hard: { pods: '3', 'limits.cpu': '2', 'count/jobs.batch': '1' },
        used: { pods: '1', 'limits.cpu': '500m', 'count/jobs.batch': '0' },
      },
    };
    expect(tableFor('resourcequotas', [quota], { now: 0 })).toEqual({
      columns: ['Name', 'Request', 'Limit', 'Age'],
      rows: [['q', 'count/jobs.batch: 0/1, pods: 1/3', 'limits.cpu: 500m/2', '0s']],
    });
  });

  it('other kinds: name and age', () => {
    const ship = { apiVersion: 'example.com/v1', kind: 'Ship', metadata: { name: 's', creationTimestamp: epoch } };
    expect(tableFor('ships', [ship], { now: 0 })).toEqual({ columns: ['Name', 'Age'], rows: [['s', '0s']] });
  });
});
