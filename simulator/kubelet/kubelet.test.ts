import { seconds } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { KubeletWorld } from './testing/world.ts';

/** A world whose node is ready. */
function readyWorld(...options: ConstructorParameters<typeof KubeletWorld>): KubeletWorld {
  const world = new KubeletWorld(...options);
  world.run(2);
  return world;
}

const readyOf = (world: KubeletWorld, name: string) => world.pod(name)?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
const appOf = (world: KubeletWorld, name: string) => world.pod(name)?.status?.containerStatuses?.[0];

describe('kubelet: life of a pod', () => {
  it('a pod becomes Running at once, with the calls and events of upstream in their order', () => {
    const world = readyWorld();
    world.create('web');
    world.run(0);
    expect(world.runtime.calls).toEqual(['RunPodSandbox web/0', 'PullImage app:1', 'CreateContainer app/0', 'StartContainer app/0']);
    expect(world.pod('web')?.status).toMatchObject({ phase: 'Running', podIP: '10.244.0.1', hostIP: '192.168.0.1' });
    expect(appOf(world, 'web')).toMatchObject({ ready: true, started: true, restartCount: 0, containerID: 'fake://container-2' });
    expect(readyOf(world, 'web')).toBe('True');
    expect(world.eventsOf('web')).toEqual([
      'Pulling: Pulling image "app:1"',
      'Pulled: Successfully pulled image "app:1" in 0s (0s including waiting). Image size: 1000000 bytes.',
      'Created: Container created',
      'Started: Container started',
    ]);
    expect(world.events().find(({ reason }) => reason === 'Started')?.involvedObject.fieldPath).toBe('spec.containers{app}');
  });

  it('a deleted pod is stopped with its grace, leaves the API, and later the runtime', () => {
    const world = readyWorld();
    world.create('web', { terminationGracePeriodSeconds: 7 });
    world.run(3);
    world.delete('web');
    world.run(5);
    expect(world.runtime.calls.slice(4, 6)).toEqual(['StopContainer app/0 7s', 'StopPodSandbox web/0']);
    expect(world.pod('web')).toBeUndefined();
    expect(world.eventsOf('web')).toContain('Killing: Stopping container app');
    world.run(120);
    expect(world.runtime.counts).toEqual({ sandboxes: 0, containers: 0 });
    expect(world.host.files.exists('/var/lib/kubelet/pods') ? world.host.files.list('/var/lib/kubelet/pods') : []).toEqual([]);
  });

  it('a pod whose containers are done with OnFailure succeeds and gives up its sandbox', () => {
    const world = readyWorld();
    world.runtime.programs.set('job:1', { runsFor: seconds(5) });
    world.create('job', { restartPolicy: 'OnFailure', containers: [{ name: 'job', image: 'job:1' }] });
    world.run(4);
    expect(world.pod('job')?.status?.phase).toBe('Running');
    world.run(6);
    expect(world.pod('job')?.status?.phase).toBe('Succeeded');
    expect(appOf(world, 'job')?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(world.pod('job')?.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'PodCompleted',
    });
    expect(world.runtime.calls).toContain('StopPodSandbox job/0');
  });

  it('a container that fails under Never fails the pod, once', () => {
    const world = readyWorld();
    world.runtime.programs.set('job:1', { runsFor: seconds(1), exitCode: 3 });
    world.create('job', { restartPolicy: 'Never', containers: [{ name: 'job', image: 'job:1' }] });
    world.run(60);
    expect(world.pod('job')?.status?.phase).toBe('Failed');
    expect(world.runtime.calls.filter((call) => call.startsWith('StartContainer'))).toHaveLength(1);
  });

  it('activeDeadlineSeconds: the pod fails with DeadlineExceeded', () => {
    const world = readyWorld();
    world.create('slow', { activeDeadlineSeconds: 20 });
    world.run(18);
    expect(world.pod('slow')?.status?.phase).toBe('Running');
    world.run(6);
    expect(world.pod('slow')?.status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
    expect(world.runtime.calls).toContain('StopPodSandbox slow/0');
  });
});

describe('kubelet: restarts', () => {
  it('a crashing container is restarted at once, then after 10, 20, 40 … s, up to 5 minutes', () => {
    const world = readyWorld();
    const starts: number[] = [];
    world.runtime.programs.set('crash:1', { runsFor: seconds(0.5), exitCode: 1 });
    world.kernel.events.on('trace', ({ kind, name, at }) => {
      if (kind === 'call' && name.endsWith('/StartContainer')) starts.push(at);
    });
    world.create('crash', { containers: [{ name: 'crash', image: 'crash:1' }] });
    world.run(1500);
    const gaps = starts.slice(1).map((at, index) => (at - (starts[index] ?? 0)) / 1_000_000);
    // Each gap is the time that it ran, the pause, and up to the next look at the pod.
    const pauses = [0, 10, 20, 40, 80, 160, 300, 300];
    for (const [index, pause] of pauses.entries()) {
      expect(gaps[index]).toBeGreaterThanOrEqual(pause + 0.5);
      expect(gaps[index]).toBeLessThanOrEqual(Math.max(2, pause * 1.5 + 2.5));
    }
    const status = appOf(world, 'crash');
    expect(status?.restartCount).toBe(starts.length - 1);
    expect(status?.state?.waiting?.reason).toBe('CrashLoopBackOff');
    expect(status?.state?.waiting?.message).toMatch(/^back-off 5m0s restarting failed container=crash pod=crash_default\(/);
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(world.pod('crash')?.status?.phase).toBe('Running');
    // Only the newest dead instance is kept.
    expect(world.runtime.counts.containers).toBeLessThanOrEqual(2);
  });

  it('a liveness failure kills the container with a reason and restarts it in the same sync', () => {
    const world = readyWorld();
    let healthy = true;
    world.runtime.programs.set('app:1', { exec: () => (healthy ? 0 : 1) });
    const livenessProbe = { exec: { command: ['check'] }, periodSeconds: 5, failureThreshold: 2 };
    world.create('web', { containers: [{ name: 'app', image: 'app:1', livenessProbe }], terminationGracePeriodSeconds: 9 });
    world.run(20);
    expect(appOf(world, 'web')?.restartCount).toBe(0);
    healthy = false;
    world.run(11);
    healthy = true;
    world.run(15);
    expect(appOf(world, 'web')?.restartCount).toBe(1);
    expect(world.runtime.calls.filter((call) => !call.startsWith('Exec')).slice(4)).toEqual([
      'StopContainer app/0 9s',
      'CreateContainer app/1',
      'StartContainer app/1',
    ]);
    expect(world.eventsOf('web')).toContain('Unhealthy: Liveness probe failed: ');
    expect(world.eventsOf('web')).toContain('Killing: Container app failed liveness probe, will be restarted');
  });

  it('a lost sandbox is replaced, and init containers run again', () => {
    const world = readyWorld();
    world.runtime.programs.set('init:1', { runsFor: seconds(1) });
    world.create('web', { initContainers: [{ name: 'init', image: 'init:1' }], containers: [{ name: 'app', image: 'app:1' }] });
    world.run(6);
    expect(world.pod('web')?.status?.phase).toBe('Running');
    const before = world.runtime.calls.length;
    world.runtime.loseSandboxes();
    world.run(8);
    expect(world.runtime.calls.slice(before)).toEqual([
      'StopPodSandbox web/0',
      'RemoveContainer init/0',
      'RunPodSandbox web/1',
      'CreateContainer init/1',
      'StartContainer init/1',
      'CreateContainer app/1',
      'StartContainer app/1',
    ]);
    expect(world.eventsOf('web')).toContain('SandboxChanged: Pod sandbox changed, it will be killed and re-created.');
    expect(appOf(world, 'web')?.restartCount).toBe(1);
  });
});

describe('kubelet: order of containers', () => {
  it('init containers run one by one to success before any other container', () => {
    const world = readyWorld();
    world.runtime.programs.set('init:1', { runsFor: seconds(3) });
    const initContainers = ['a', 'b'].map((name) => ({ name, image: 'init:1' }));
    world.create('web', { initContainers });
    world.run(2);
    expect(world.pod('web')?.status).toMatchObject({ phase: 'Pending' });
    expect(appOf(world, 'web')?.state?.waiting?.reason).toBe('PodInitializing');
    expect(world.runtime.calls.filter((call) => call.startsWith('Start'))).toEqual(['StartContainer a/0']);
    world.run(12);
    expect(world.runtime.calls.filter((call) => call.startsWith('Start'))).toEqual([
      'StartContainer a/0',
      'StartContainer b/0',
      'StartContainer app/0',
    ]);
    expect(world.pod('web')?.status?.phase).toBe('Running');
  });

  it('sidecars start first, stay, and end last in reverse order within the same grace', () => {
    const world = readyWorld();
    const initContainers = ['first', 'second'].map((name) => ({ name, image: 'side:1', restartPolicy: 'Always' as const }));
    world.runtime.programs.set('app:1', { stubborn: true });
    world.create('web', { initContainers, terminationGracePeriodSeconds: 10 });
    world.run(5);
    expect(world.runtime.calls.filter((call) => call.startsWith('Start'))).toEqual([
      'StartContainer first/0',
      'StartContainer second/0',
      'StartContainer app/0',
    ]);
    expect(world.pod('web')?.status?.initContainerStatuses?.map(({ ready }) => ready)).toEqual([true, true]);
    world.delete('web');
    world.run(30);
    const stops = world.runtime.calls.filter((call) => call.startsWith('StopContainer'));
    expect(stops).toEqual(['StopContainer app/0 10s', 'StopContainer first/0 2s', 'StopContainer second/0 2s']);
    expect(world.pod('web')).toBeUndefined();
  });

  it('preStop and what it takes are part of the grace period', () => {
    const world = readyWorld();
    const lifecycle = { preStop: { sleep: { seconds: 4 } } };
    world.create('web', { containers: [{ name: 'app', image: 'app:1', lifecycle }], terminationGracePeriodSeconds: 10 });
    world.run(3);
    world.delete('web');
    world.run(10);
    expect(world.runtime.calls).toContain('StopContainer app/0 6s');
  });
});

describe('kubelet: probes', () => {
  it('readiness follows the probe, and only readiness', () => {
    const world = readyWorld();
    let healthy = false;
    world.runtime.programs.set('app:1', { exec: () => (healthy ? 0 : 1) });
    const readinessProbe = { exec: { command: ['ready'] }, periodSeconds: 5 };
    world.create('web', { containers: [{ name: 'app', image: 'app:1', readinessProbe }] });
    world.run(12);
    expect(world.pod('web')?.status?.phase).toBe('Running');
    expect(readyOf(world, 'web')).toBe('False');
    healthy = true;
    world.run(7);
    expect(readyOf(world, 'web')).toBe('True');
    healthy = false;
    world.run(17);
    expect(readyOf(world, 'web')).toBe('False');
    expect(appOf(world, 'web')?.restartCount).toBe(0);
  });

  it('startup holds the other probes back', () => {
    const world = readyWorld();
    let started = false;
    const asked: string[] = [];
    world.runtime.programs.set('app:1', {
      exec: ([what = '']) => {
        asked.push(what);
        return what === 'live' || started ? 0 : 1;
      },
    });
    const startupProbe = { exec: { command: ['start'] }, periodSeconds: 2, failureThreshold: 100 };
    const livenessProbe = { exec: { command: ['live'] }, periodSeconds: 2 };
    world.create('web', { containers: [{ name: 'app', image: 'app:1', startupProbe, livenessProbe }] });
    world.run(11);
    expect(appOf(world, 'web')).toMatchObject({ started: false, ready: false });
    expect(asked).not.toContain('live');
    started = true;
    world.run(8);
    expect(appOf(world, 'web')).toMatchObject({ started: true, ready: true });
    expect(asked).toContain('live');
  });
});

describe('kubelet: what goes wrong', () => {
  it('a sandbox that cannot be made is tried again after 10 to 15 s', () => {
    const world = readyWorld();
    world.runtime.sandboxFailures.push('failed to setup network for sandbox: no free addresses');
    world.create('web');
    world.run(9);
    expect(world.pod('web')?.status?.phase).toBe('Pending');
    expect(appOf(world, 'web')?.state?.waiting?.reason).toBe('ContainerCreating');
    expect(world.eventsOf('web')).toEqual([
      'FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: no free addresses',
    ]);
    world.run(8);
    expect(world.pod('web')?.status?.phase).toBe('Running');
    expect(world.runtime.calls.slice(0, 2)).toEqual(['RunPodSandbox web/0', 'RunPodSandbox web/0']);
  });

  it('a runtime that does not say how a container is: nothing is done for the pod before it does', () => {
    const world = readyWorld();
    world.create('web');
    world.run(5);
    for (let times = 0; times < 4; times += 1) world.runtime.statusFailures.push('busy');
    world.runtime.exit('app', 1);
    world.run(2);
    world.complete(world.api.pods.patch({ namespace: 'default', name: 'web', patch: { metadata: { labels: { new: 'yes' } } } }));
    world.run(1);
    expect(world.eventsOf('web')).toContain('FailedSync: error determining status: rpc error: code = Unknown desc = busy');
    expect(world.runtime.calls.filter((call) => call.startsWith('CreateContainer'))).toHaveLength(1);
    world.run(30);
    expect(world.runtime.calls.filter((call) => call.startsWith('CreateContainer'))).toHaveLength(2);
    expect(world.pod('web')?.status?.phase).toBe('Running');
  });

  it('a pull that fails waits with ErrImagePull, then ImagePullBackOff, and then succeeds', () => {
    const world = readyWorld();
    world.runtime.pullFailures.set('app:1', 'app:1: not found');
    world.create('web');
    world.run(5);
    expect(appOf(world, 'web')?.state?.waiting).toMatchObject({ reason: 'ErrImagePull' });
    world.run(60);
    expect(appOf(world, 'web')?.state?.waiting?.reason).toMatch(/^(ImagePullBackOff|ErrImagePull)$/);
    expect(world.eventsOf('web')).toContain('BackOff: Back-off pulling image "app:1"');
    expect(world.eventsOf('web')).toContain('Failed: Error: ErrImagePull');
    world.runtime.pullFailures.clear();
    world.run(200);
    expect(world.pod('web')?.status?.phase).toBe('Running');
  });

  it('a pod that does not fit is rejected for good', () => {
    const world = readyWorld({ capacity: { cpu: '2', memory: '4Gi' } });
    world.create('big', { containers: [{ name: 'app', image: 'app:1', resources: { requests: { cpu: '3' } } }] });
    world.run(3);
    expect(world.pod('big')?.status).toMatchObject({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000",
    });
    expect(world.runtime.calls).toEqual([]);
  });

  it('without a network, pods wait unless they use the node’s', () => {
    const world = new KubeletWorld();
    world.runtime.networkReady = false;
    world.run(3);
    world.create('web');
    world.create('agent', { hostNetwork: true });
    world.run(5);
    expect(world.pod('web')?.status?.phase).toBe('Pending');
    expect(world.pod('agent')?.status).toMatchObject({ phase: 'Running', podIP: '192.168.0.1' });
    expect(world.eventsOf('web')[0]).toContain(
      'NetworkNotReady: network is not ready: container runtime network not ready: NetworkReady=false',
    );
    world.runtime.networkReady = true;
    world.run(8);
    expect(world.pod('web')?.status?.phase).toBe('Running');
  });

  it('a missing ConfigMap holds the container back until it comes', () => {
    const world = readyWorld();
    world.create('web', { containers: [{ name: 'app', image: 'app:1', envFrom: [{ configMapRef: { name: 'settings' } }] }] });
    world.run(5);
    expect(appOf(world, 'web')?.state?.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'configmap "settings" not found',
    });
    world.complete(
      world.api.configmaps.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace: 'default' },
        data: { A: '1' },
      }),
    );
    world.run(16);
    expect(world.pod('web')?.status?.phase).toBe('Running');
  });

  it('a claim that is not there: the pod waits and says so', () => {
    const world = readyWorld();
    world.create('db', {
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      containers: [{ name: 'app', image: 'app:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    });
    world.run(5);
    expect(world.pod('db')?.status?.phase).toBe('Pending');
    expect(world.eventsOf('db')[0]).toMatch(/^FailedMount: Unable to attach or mount volumes: unmounted volumes=\[data\]/);
    world.delete('db');
    world.run(10);
    expect(world.pod('db')).toBeUndefined();
  });

  it('a pod that is deleted by force is killed all the same', () => {
    const world = readyWorld();
    world.create('web');
    world.run(3);
    world.delete('web', 0);
    expect(world.pod('web')).toBeUndefined();
    world.run(120);
    expect(world.runtime.calls).toContain('StopContainer app/0 30s');
    expect(world.runtime.counts).toEqual({ sandboxes: 0, containers: 0 });
  });

  it('a pod that the API has forgotten is ended however often that fails', () => {
    const world = readyWorld();
    world.create('web');
    world.run(3);
    world.runtime.stopFailures.push('network', 'network', 'network', 'network');
    world.delete('web', 0);
    world.run(120);
    expect(world.runtime.stopFailures).toEqual([]);
    expect(world.runtime.counts).toEqual({ sandboxes: 0, containers: 0 });
  });
});
