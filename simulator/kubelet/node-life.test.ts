import { minutes, seconds } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { KubeletWorld } from './testing/world.ts';

/** A world whose node is ready. */
function readyWorld(...options: ConstructorParameters<typeof KubeletWorld>): KubeletWorld {
  const world = new KubeletWorld(...options);
  world.run(2);
  return world;
}

const readyOf = (world: KubeletWorld, name: string) => world.pod(name)?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;

describe('kubelet: its own restart', () => {
  it('changes no readiness, no restart count, and starts no finished pod', () => {
    const world = readyWorld();
    world.runtime.programs.set('job:1', { runsFor: seconds(1) });
    const readinessProbe = { exec: { command: ['ready'] }, periodSeconds: 10 };
    world.create('web', { containers: [{ name: 'app', image: 'app:1', readinessProbe }] });
    world.create('job', { restartPolicy: 'Never', containers: [{ name: 'job', image: 'job:1' }] });
    world.run(40);
    const before = [world.pod('web'), world.pod('job')];
    expect(readyOf(world, 'web')).toBe('True');
    const starts = world.runtime.calls.filter((call) => call.startsWith('StartContainer')).length;
    let unready = 0;
    world.restartKubelet();
    for (let passed = 0; passed < 60; passed++) {
      world.run(1);
      if (readyOf(world, 'web') !== 'True') unready++;
    }
    expect(unready).toBe(0);
    expect(world.pod('web')?.status?.containerStatuses).toEqual(before[0]?.status?.containerStatuses);
    expect(world.pod('job')?.status).toEqual(before[1]?.status);
    expect(world.runtime.calls.filter((call) => call.startsWith('StartContainer'))).toHaveLength(starts);
  });

  it('a pod that was deleted by force meanwhile is killed with a grace of a second', () => {
    const world = readyWorld();
    world.create('web');
    world.run(3);
    world.kubeletOwner.kill();
    world.delete('web', 0);
    world.restartKubelet();
    world.run(120);
    expect(world.runtime.calls).toContain('StopContainer app/0 2s');
    expect(world.runtime.counts).toEqual({ sandboxes: 0, containers: 0 });
  });

  it('a pod that was being deleted is finished by the next kubelet', () => {
    const world = readyWorld();
    world.runtime.programs.set('app:1', { stubborn: true });
    world.create('web');
    world.run(3);
    world.delete('web');
    world.run(5);
    world.restartKubelet();
    world.run(60);
    expect(world.pod('web')).toBeUndefined();
  });
});

describe('kubelet: the node', () => {
  it('registers, becomes ready at once, and renews its lease every 10 s', () => {
    const world = new KubeletWorld();
    world.run(1);
    const node = world.complete(world.api.nodes.get({ name: 'node-1' }));
    expect(node.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True', reason: 'KubeletReady' });
    expect(node.status?.allocatable).toEqual({ cpu: '4', memory: '16284Mi', 'ephemeral-storage': '90Gi', pods: '110' });
    expect(node.status?.nodeInfo?.containerRuntimeVersion).toBe('fake://1.0');
    world.run(60);
    const lease = world.complete(world.api.leases.get({ namespace: 'kube-node-lease', name: 'node-1' }));
    expect(lease.spec).toMatchObject({ holderIdentity: 'node-1', leaseDurationSeconds: 40 });
    expect(lease.spec.renewTime).toMatch(/^2026-01-01T00:01:00/);
  });

  it('is idle when nothing happens: an hour of a settled node costs next to nothing but lease renewals', () => {
    const world = readyWorld();
    world.create('web');
    world.run(600);
    const before = world.kernel.eventCount;
    const calls = world.kernel.calls.get('cri') ?? 0;
    world.run(minutes(60) / 1_000_000);
    expect((world.kernel.calls.get('cri') ?? 0) - calls).toBeLessThan(40);
    expect(world.kernel.eventCount - before).toBeLessThan(3600);
  });

  it('whether idle ticks are left out makes no difference to what is written', () => {
    const writes = (elide: boolean): readonly string[] => {
      const world = readyWorld({}, { elide });
      const seen: string[] = [];
      world.kernel.events.on('trace', ({ kind, name, at, subject }) => {
        if (kind === 'call' && /\/(patch|Patch|create|Create|delete|Delete|Start|Stop|Run|Remove)/.test(name))
          seen.push(`${at} ${name} ${subject}`);
      });
      world.runtime.programs.set('crash:1', { runsFor: seconds(7), exitCode: 1 });
      world.create('web');
      world.create('crash', { containers: [{ name: 'crash', image: 'crash:1' }] });
      world.run(100);
      world.delete('web');
      world.run(500);
      return seen;
    };
    expect(writes(true)).toEqual(writes(false));
  });
});
