import { codeOf, messageOf, seconds, sleep, type Process } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerConfig, forever, makeContainer, podConfig, runContainer, runPod } from '../../../conformance/subject.ts';
import type { ContainerConfig } from '../../../index.ts';
import { TestNode } from '../../../testing/node.ts';
import { containerd, crio } from '../../index.ts';

const pod = podConfig('web');

function started(node: TestNode, config: ContainerConfig): { readonly podSandboxId: string; readonly containerId: string } {
  return node.run(
    (function* () {
      const podSandboxId = yield* runPod(node, pod);
      return { podSandboxId, containerId: yield* runContainer(node, podSandboxId, pod, config) };
    })(),
  );
}

const statusOf = (node: TestNode, containerId: string) => node.run(node.runtime.containerStatus({ containerId })).status;

/** Virtual time that a call takes, in seconds. */
function duration(node: TestNode, call: Process<unknown>): number {
  const before = node.kernel.now;
  node.run(call);
  return (node.kernel.now - before) / 1_000_000;
}

describe.each([containerd, crio])('$name: containers', (plugin) => {
  it('stopContainer: one that heeds the stop signal ends at once, with its own exit code', () => {
    const node = new TestNode(plugin);
    const { containerId } = started(node, containerConfig('main', ['wait-for-signal']));
    expect(duration(node, node.runtime.stopContainer({ containerId, timeout: 30 }))).toBeLessThan(1);
    expect(statusOf(node, containerId)).toMatchObject({ exitCode: 0, reason: 'Completed' });
  });

  it('stopContainer: one that does not is killed when the grace is over', () => {
    const node = new TestNode(plugin);
    const { containerId } = started(node, containerConfig('main', forever));
    const took = duration(node, node.runtime.stopContainer({ containerId, timeout: 30 }));
    expect(took).toBeGreaterThanOrEqual(30);
    expect(took).toBeLessThan(31);
    expect(statusOf(node, containerId)).toMatchObject({ exitCode: 137, reason: 'Error' });
  });

  it('memory beyond the limit: OOMKilled, 137', () => {
    const node = new TestNode(plugin);
    const config = containerConfig('main', ['eat-memory'], { linux: { resources: { memoryLimitInBytes: 64 << 20 } } });
    const { containerId } = started(node, config);
    node.run(sleep(seconds(1)));
    expect(statusOf(node, containerId)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 137, reason: 'OOMKilled' });
  });

  it('power loss: what ran has ended with 255, reason Unknown', () => {
    const node = new TestNode(plugin);
    const { podSandboxId, containerId } = started(node, containerConfig('main', forever));
    node.reboot();
    expect(statusOf(node, containerId)).toMatchObject({ state: 'CONTAINER_EXITED', exitCode: 255, reason: 'Unknown' });
    expect(node.run(node.runtime.podSandboxStatus({ podSandboxId })).status).toMatchObject({
      state: 'SANDBOX_NOTREADY',
      metadata: pod.metadata,
    });
  });

  it('changed: grows when a process ends by itself, and not at a read', () => {
    const node = new TestNode(plugin);
    const { containerId } = started(node, containerConfig('main', ['sleep', '60']));
    const { changed } = node.services;
    const before = changed?.version ?? 0;
    node.run(node.runtime.listContainers({}));
    statusOf(node, containerId);
    expect(changed?.version).toBe(before);
    node.run(sleep(seconds(61)));
    expect(changed?.version).toBeGreaterThan(before);
  });

  it('the process sees command, environment, image and annotations', () => {
    const node = new TestNode(plugin);
    const value = Uint8Array.from([98, 97, 114]);
    const config = containerConfig('main', ['sleep'], {
      args: ['1000'],
      envs: [{ key: 'FOO', value }],
      annotations: { 'io.kubernetes.container.ports': '[]' },
      workingDir: '/srv',
    });
    started(node, config);
    const process = node.host.processes.list().find(({ spec }) => spec.argv[0] === 'sleep');
    expect(process?.spec).toMatchObject({ argv: ['sleep', '1000'], cwd: '/srv', hostname: 'web' });
    expect(process?.spec.env).toMatchObject({ FOO: 'bar', HOSTNAME: 'web' });
    expect(process?.spec.annotations).toMatchObject({
      'io.kubernetes.cri.image-name': config.image.image,
      'io.kubernetes.container.ports': '[]',
    });
  });

  it('an image that a container uses and that is pulled anew keeps its id', () => {
    const node = new TestNode(plugin);
    const { containerId } = started(node, containerConfig('main', forever));
    const { imageRef } = node.run(node.image.pullImage({ image: containerConfig('main', []).image }));
    expect(statusOf(node, containerId).imageId).toBe(imageRef);
  });

  it('any order of stops and removals succeeds, and leaves nothing behind', () => {
    const calls = ['stopPod', 'removePod', 'stopContainer', 'removeContainer', 'start'] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...calls), { maxLength: 6 }), (order) => {
        const node = new TestNode(plugin);
        const podSandboxId = node.run(runPod(node, pod));
        const containerId = node.run(makeContainer(node, podSandboxId, pod, containerConfig('main', forever)));
        for (const call of [...order, 'removePod'] as const) {
          if (call === 'stopPod') node.run(node.runtime.stopPodSandbox({ podSandboxId }));
          if (call === 'removePod') node.run(node.runtime.removePodSandbox({ podSandboxId }));
          if (call === 'stopContainer') node.run(node.runtime.stopContainer({ containerId, timeout: 0 }));
          if (call === 'removeContainer') node.run(node.runtime.removeContainer({ containerId }));
          if (call === 'start') expect(['OK', 'UNKNOWN', 'NOT_FOUND']).toContain(outcome(node, containerId));
        }
        expect(node.run(node.runtime.listContainers({})).containers).toEqual([]);
        expect(node.run(node.runtime.listPodSandbox({})).items).toEqual([]);
        expect(node.host.processes.size).toBe(0);
        expect(node.host.network.list()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('two runs from one seed are the same run', () => {
    const trace = (): readonly string[] => {
      const node = new TestNode(plugin, { kernel: { seed: 7, explore: 'swarm' } });
      const lines: string[] = [];
      node.kernel.events.on('trace', ({ at, name, data }) => lines.push(`${at} ${name} ${data.join()}`));
      const { podSandboxId } = started(node, containerConfig('main', ['wait-for-signal']));
      node.run(node.runtime.removePodSandbox({ podSandboxId }));
      return lines;
    };
    expect(trace()).toEqual(trace());
  });
});

function outcome(node: TestNode, containerId: string): string {
  try {
    node.run(node.runtime.startContainer({ containerId }));
    return 'OK';
  } catch (error) {
    return codeOf(error);
  }
}

describe('difference', () => {
  it('StopPodSandbox: containerd kills what runs, CRI-O gives it ten seconds', () => {
    const took = [containerd, crio].map((plugin) => {
      const node = new TestNode(plugin);
      const { podSandboxId } = started(node, containerConfig('main', forever));
      return Math.floor(duration(node, node.runtime.stopPodSandbox({ podSandboxId })));
    });
    expect(took).toEqual([0, 10]);
  });

  it('a stopped container that was never started: created in containerd, exited in CRI-O', () => {
    const states = [containerd, crio].map((plugin) => {
      const node = new TestNode(plugin);
      const podSandboxId = node.run(runPod(node, pod));
      const containerId = node.run(makeContainer(node, podSandboxId, pod, containerConfig('main', forever)));
      node.run(node.runtime.stopContainer({ containerId, timeout: 0 }));
      return statusOf(node, containerId).state;
    });
    expect(states).toEqual(['CONTAINER_CREATED', 'CONTAINER_EXITED']);
  });

  it('a bundle that the OCI runtime refuses: containerd says so at the start, CRI-O at the creation', () => {
    const wrong = containerConfig('main', forever, { mounts: [{ containerPath: '/data', hostPath: '/not/there' }] });
    const said = [containerd, crio].map((plugin) => {
      const node = new TestNode(plugin);
      const podSandboxId = node.run(runPod(node, pod));
      let at = 'createContainer';
      try {
        const containerId = node.run(makeContainer(node, podSandboxId, pod, wrong));
        at = 'startContainer';
        node.run(node.runtime.startContainer({ containerId }));
      } catch (error) {
        return [
          at,
          messageOf(error).split(': ').slice(0, 2).join(': '),
          node.run(node.runtime.listContainers({})).containers.map(({ state }) => state),
        ];
      }
      return [];
    });
    expect(said).toEqual([
      ['startContainer', 'failed to create containerd task: failed to create shim task', ['CONTAINER_EXITED']],
      ['createContainer', expect.stringMatching(/^container create failed: /) as string, []],
    ]);
  });

  it('log lines: containerd trims the fraction and says Z, CRI-O has nine digits and an offset', () => {
    const heads = [containerd, crio].map((plugin) => {
      const node = new TestNode(plugin);
      started(node, containerConfig('main', ['echo', 'hello']));
      node.run(sleep(seconds(1)));
      return node.readFile('/var/log/pods/web/main/0.log');
    });
    expect(heads[0]).toMatch(/^2026-01-01T00:00:\d\d(\.\d*[1-9])?Z stdout F hello\n$/);
    expect(heads[1]).toMatch(/^2026-01-01T00:00:\d\d\.\d{9}\+00:00 stdout F hello\n$/);
  });
});
