import type { Deployment, EndpointSlice, KubeObject, Pod, ReplicaSet, Service, Stored, Taint } from '@slipway/kube';
import { minutes, seconds } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

const LABELS = { app: 'web' };
const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };
const metadata = { name: 'web', namespace: 'default' };

/** A cluster in which nobody does anything but the test. */
class Still extends Lab {
  constructor() {
    super(['API-06']);
    this.nodes.set('node-1', { host: { on: true }, cri: undefined } as never);
    this.node('node-1');
    this.nodeIs('True');
    this.taint([]);
  }

  nodeIs(status: 'True' | 'Unknown'): void {
    const patch = {
      status: { nodeInfo: { kubeletVersion: 'v1' }, conditions: [{ type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:00Z' }] },
    };
    this.run(this.as('kubelet/node-1').nodes.patch({ name: 'node-1', subresource: 'status', patch }));
  }

  taint(taints: readonly Taint[]): void {
    this.run(this.as('node-lifecycle-controller').nodes.patch({ name: 'node-1', patch: { spec: { taints } } }));
  }

  replicaSet(replicas: number, more: Partial<ReplicaSet['metadata']> = {}): Stored<ReplicaSet> {
    const spec = { replicas, selector: { matchLabels: LABELS }, template };
    const made = this.run(
      this.as('kubectl').replicasets.create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { ...metadata, ...more }, spec }),
    );
    return made;
  }

  /** As its controller tells of it. */
  tell(resource: 'replicasets' | 'deployments', status: object): void {
    const patch = { status: { observedGeneration: 1, ...status } };
    this.run(
      this.as('controller')
        .resource(resource)
        .patch({ ...metadata, subresource: 'status', patch }),
    );
  }

  podOf(owner: Stored<KubeObject> | undefined, name: string, status: Pod['status'] = this.ready): Stored<Pod> {
    const reference = owner && {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      controller: true,
    };
    const pod = this.pod(name, {}, { labels: LABELS, ...(reference ? { ownerReferences: [reference] } : {}) });
    this.bind(name, 'node-1');
    this.status(pod, status);
    return pod;
  }

  readonly ready: Pod['status'] = {
    phase: 'Running',
    podIP: '10.0.0.2',
    conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
      { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ],
  };

  /** Time passes in which nothing goes wrong. */
  told(): readonly string[] {
    this.pass(minutes(15));
    this.afterCalm();
    return this.violations.map(({ message }) => message.replace(/ \(for .*?\)/, ''));
  }
}

const waiting = (reason: string): Pod['status'] => ({
  phase: 'Pending',
  conditions: [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' },
    { type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' },
  ],
  containerStatuses: [{ name: 'main', ready: false, restartCount: 0, image: 'nginx', imageID: '', state: { waiting: { reason } } }],
});

describe('API-06 converges: replicas', () => {
  test('as many pods as are wanted: silent', () => {
    const lab = new Still();
    const set = lab.replicaSet(2);
    for (const name of ['a', 'b']) lab.podOf(set, name);
    lab.tell('replicasets', { replicas: 2, readyReplicas: 2 });
    expect(lab.told()).toEqual([]);
    expect(lab.met('API-06')).toBeGreaterThan(3);
  });

  test('too few, too many, and a status that says otherwise are told', () => {
    const few = new Still();
    few.podOf(few.replicaSet(2), 'a');
    few.tell('replicasets', { replicas: 2, readyReplicas: 1 });
    expect(few.told()).toEqual([
      'ReplicaSet default/web has 1 pod and wants 2',
      'ReplicaSet default/web says that it has 2 pods, and has 1',
    ]);
    const many = new Still();
    const set = many.replicaSet(1);
    for (const name of ['a', 'b']) many.podOf(set, name);
    many.tell('replicasets', { replicas: 2, readyReplicas: 1 });
    expect(many.told()).toEqual([
      'ReplicaSet default/web has 2 pods and wants 1',
      'ReplicaSet default/web says that 1 of its pods are ready, and 2 are',
    ]);
  });

  test('a wish that no controller has observed is told', () => {
    const lab = new Still();
    const set = lab.replicaSet(1);
    lab.podOf(set, 'a');
    expect(lab.told()).toEqual(['ReplicaSet default/web is at generation 1, and its controller has observed 0']);
  });

  test('what was changed a moment ago is on its way', () => {
    const lab = new Still();
    lab.pass(minutes(15));
    lab.replicaSet(3);
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
  });

  test('a rollout that goes no further though all its pods are ready is told', () => {
    const lab = new Still();
    const spec: Deployment['spec'] = {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: { ...template, metadata: { labels: { ...LABELS, new: 'yes' } } },
    };
    const deployment = lab.run(lab.as('kubectl').deployments.create({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }));
    const { apiVersion, kind } = deployment;
    const set = lab.replicaSet(1, { ownerReferences: [{ apiVersion, kind, name: 'web', uid: deployment.metadata.uid, controller: true }] });
    lab.podOf(set, 'a');
    lab.tell('replicasets', { replicas: 1, readyReplicas: 1 });
    lab.tell('deployments', { replicas: 1 });
    expect(lab.told()).toEqual(['Deployment default/web still has pods of an old template in ReplicaSet web']);
  });
});

describe('API-06 converges: other controllers', () => {
  const spec = { selector: { matchLabels: LABELS }, template };

  test('a daemon that is missing on a node, an ordinal that is missing, and work that is done and not over are told', () => {
    const lab = new Still();
    const kubectl = lab.as('kubectl');
    lab.run(kubectl.daemonsets.create({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec }));
    const set = lab.run(
      kubectl.statefulsets.create({
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata,
        spec: { ...spec, replicas: 2, serviceName: 'web' },
      }),
    );
    lab.podOf(set, 'web-1');
    const job = lab.run(
      kubectl.jobs.create({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata,
        spec: { completions: 1, template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
      }),
    );
    lab.podOf(job, 'done', { phase: 'Succeeded' });
    for (const resource of ['daemonsets', 'statefulsets'] as const)
      lab.run(
        lab
          .as('controller')
          .resource(resource)
          .patch({ ...metadata, subresource: 'status', patch: { status: { observedGeneration: 1 } } }),
      );
    expect(lab.told()).toEqual([
      'StatefulSet default/web wants web-0, which is not there',
      'DaemonSet default/web has no pod on node-1 and wants one',
      'Job default/web has its 1 completions and is not Complete',
    ]);
  });

  test('a controller that makes and deletes pods without end is told', () => {
    const lab = new Still();
    const set = lab.replicaSet(1);
    lab.pass(minutes(15));
    for (let round = 0; round < 20; round += 1) {
      lab.podOf(set, `p${round}`);
      lab.pass(seconds(10));
      lab.run(lab.as('controller').pods.delete({ namespace: 'default', name: `p${round}`, gracePeriodSeconds: 0 }));
    }
    lab.podOf(set, 'last');
    lab.tell('replicasets', { replicas: 1, readyReplicas: 1 });
    lab.afterCalm();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'ReplicaSet default/web does not come to rest: 20 of its pods were deleted alive in the last minutes, and nobody changed it',
    ]);
  });
});

describe('API-06 converges: pods', () => {
  test.each(['CrashLoopBackOff', 'ImagePullBackOff', 'CreateContainerConfigError'])('%s is the own doing of a pod: silent', (reason) => {
    const lab = new Still();
    lab.podOf(undefined, 'a', waiting(reason));
    expect(lab.told()).toEqual([]);
  });

  test('a container that is never made is told, with the newest event', () => {
    const lab = new Still();
    const pod = lab.podOf(undefined, 'a', waiting('ContainerCreating'));
    const { uid, name, namespace = '' } = pod.metadata;
    lab.run(
      lab.as('kubelet/node-1').events.create({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'e', namespace },
        involvedObject: { kind: 'Pod', name, namespace, uid },
        reason: 'FailedCreatePodSandBox',
        message: 'no address is left',
        lastTimestamp: '2026-01-01T00:14:00Z',
      }),
    );
    expect(lab.told()).toEqual([
      'Pod default/a waits for container main on node-1 (ContainerCreating); last event: FailedCreatePodSandBox: no address is left',
    ]);
  });

  test('a pod on a node without power, or without a node, is nobody’s fault here', () => {
    const lab = new Still();
    lab.pod('waiting');
    lab.podOf(undefined, 'a', waiting('ContainerCreating'));
    lab.nodes.set('node-1', { host: { on: false }, cri: undefined } as never);
    expect(lab.told()).toEqual([]);
  });

  test('a container that runs and is not ready is told, unless a probe says so', () => {
    const status = (pod: Pod['status']): Pod['status'] => ({
      ...pod,
      containerStatuses: [
        {
          name: 'main',
          ready: false,
          restartCount: 0,
          image: 'nginx',
          imageID: '',
          state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
        },
      ],
    });
    const lab = new Still();
    lab.podOf(undefined, 'a', status(waiting('')));
    expect(lab.told()).toEqual(['Pod default/a waits for container main, which runs and is not ready']);
  });
});

describe('API-06 converges: nodes, services, what was deleted', () => {
  test('a node that has power and is not Ready is told', () => {
    const lab = new Still();
    lab.nodeIs('Unknown');
    expect(lab.told()).toEqual(['Node node-1 has power and is not Ready']);
  });

  test('a taint that should have gone is told, and not one that people set', () => {
    const lab = new Still();
    lab.taint([
      { key: 'mine', effect: 'NoSchedule' },
      { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
    ]);
    expect(lab.told()).toEqual(['Node node-1 is Ready and still has the taint node.kubernetes.io/unreachable']);
  });

  test('slices list the ready pods of the selector, and no others', () => {
    const lab = new Still();
    const service: Service = { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: LABELS, ports: [{ port: 80 }] } };
    lab.run(lab.as('kubectl').services.create(service));
    const listed = lab.podOf(undefined, 'listed');
    const slice: EndpointSlice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: 'web-1',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
      },
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.0.0.2'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'listed', uid: listed.metadata.uid } },
        { addresses: ['10.0.0.9'], conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'gone', uid: 'none' } },
      ],
      ports: [],
    };
    lab.run(lab.as('controller').endpointslices.create(slice));
    lab.podOf(undefined, 'forgotten');
    expect(lab.told()).toEqual([
      'Service default/web does not list Pod forgotten, which is ready',
      'Service default/web lists 10.0.0.9 of a pod that is not there',
    ]);
  });

  test('a balancer that never comes is told, unless its cloud refuses it for good', () => {
    for (const message of ['the cloud is busy', 'the quota of balancers is used up']) {
      const lab = new Still();
      const finalizers = ['service.kubernetes.io/load-balancer-cleanup'];
      const service: Service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { ...metadata, finalizers },
        spec: { type: 'LoadBalancer', selector: LABELS, ports: [{ port: 80 }] },
      };
      const { uid } = lab.run(lab.as('kubectl').services.create(service)).metadata;
      lab.run(
        lab.as('service-lb-controller').events.create({
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: 'e', namespace: 'default' },
          involvedObject: { kind: 'Service', name: 'web', namespace: 'default', uid },
          reason: 'SyncLoadBalancerFailed',
          message,
        }),
      );
      const told = `Service default/web waits for its balancer; last event: SyncLoadBalancerFailed: ${message}`;
      expect(lab.told()).toEqual(message.includes('busy') ? [told] : []);
    }
  });

  test('a budget that counts other pods than are ready is told', () => {
    const lab = new Still();
    lab.podOf(undefined, 'a');
    const spec = { minAvailable: 1, selector: { matchLabels: LABELS } };
    lab.run(lab.as('kubectl').poddisruptionbudgets.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec }));
    const status = { observedGeneration: 1, currentHealthy: 0, desiredHealthy: 1, disruptionsAllowed: 0, expectedPods: 1 };
    lab.run(lab.as('disruption-controller').poddisruptionbudgets.patch({ ...metadata, subresource: 'status', patch: { status } }));
    expect(lab.told()).toEqual(['PodDisruptionBudget default/web counts 0 pods as healthy, and 1 are']);
  });

  test('a volume that stays where nobody uses it is told', () => {
    const lab = new Still();
    const claimRef = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data', uid: 'u' };
    const kubectl = lab.as('kubectl');
    lab.run(
      kubectl.persistentvolumes.create({
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'pv' },
        spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], claimRef, csi: { driver: 'ebs', volumeHandle: 'v' } },
      }),
    );
    const attachment = { attacher: 'ebs', nodeName: 'node-1', source: { persistentVolumeName: 'pv' } };
    lab.run(
      kubectl.volumeattachments.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name: 'va' },
        spec: attachment,
      }),
    );
    expect(lab.told()).toEqual(['VolumeAttachment va keeps pv on node-1, where no pod uses it']);
  });

  test('a claim that a driver should have served is told, unless the driver refuses it for good', () => {
    for (const code of ['Internal', 'InvalidArgument']) {
      const lab = new Still();
      const kubectl = lab.as('kubectl');
      lab.run(kubectl.csidrivers.create({ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'ebs' }, spec: {} }));
      lab.run(
        kubectl.storageclasses.create({
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: { name: 'fast' },
          provisioner: 'ebs',
        }),
      );
      const { uid } = lab.run(
        kubectl.persistentvolumeclaims.create({
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'data', namespace: 'default' },
          spec: { storageClassName: 'fast', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        }),
      ).metadata;
      const message = `rpc error: code = ${code} desc = no`;
      lab.run(
        lab.as('external-provisioner/ebs').events.create({
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: 'e', namespace: 'default' },
          involvedObject: { kind: 'PersistentVolumeClaim', name: 'data', namespace: 'default', uid },
          reason: 'ProvisioningFailed',
          message,
        }),
      );
      const told = `PersistentVolumeClaim default/data is Pending and wants a volume of fast; last event: ProvisioningFailed: ${message}`;
      expect(lab.told()).toEqual(code === 'Internal' ? [told] : []);
    }
  });

  test('a pod that lingers is told, and not one that a user holds', () => {
    const lab = new Still();
    for (const name of ['held', 'stuck']) {
      lab.pod(name, {}, name === 'held' ? { finalizers: ['example.com/hold'] } : {});
      lab.bind(name, 'node-1');
      lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name }));
    }
    expect(lab.told()).toEqual(['Pod default/stuck was deleted and is still there']);
  });
});
