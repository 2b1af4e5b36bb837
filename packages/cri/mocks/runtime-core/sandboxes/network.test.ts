import { all, codeOf, messageOf, type Process } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { podConfig } from '../../../conformance/subject.ts';
import { TestNode } from '../../../testing/node.ts';
import { containerd, crio } from '../../index.ts';

/** The error of a call that must fail. */
function failure(node: TestNode, call: () => Process<unknown>): { readonly code: string; readonly message: string } {
  try {
    node.run(call());
  } catch (error) {
    return { code: codeOf(error), message: messageOf(error) };
  }
  throw new Error('the call succeeded');
}

const reservations = '/var/lib/cni/networks/pods';
const addresses = (node: TestNode): readonly string[] => node.list(reservations).filter((file) => /^\d+\./.test(file));

/** CNI calls of a node in order, as `Add`, `Del` …, with `!` on those that failed. */
function cniCalls(node: TestNode): string[] {
  const calls: string[] = [];
  node.kernel.events.on('trace', ({ kind, name, data }) => {
    if (kind === 'answer' && name.startsWith('cni.')) calls.push(`${name.slice(name.indexOf('/') + 1)}${data[0] === 'OK' ? '' : '!'}`);
  });
  return calls;
}

const failing = (method: string, times: number) => [{ method, times, kind: { error: { code: '100', message: 'no room' } } }] as const;

describe.each([containerd, crio])('$name: network of a sandbox', (plugin) => {
  it('comes with the sandbox and goes with it, address and namespace included', () => {
    const node = new TestNode(plugin);
    const calls = cniCalls(node);
    const { podSandboxId } = node.run(node.runtime.runPodSandbox({ config: podConfig('web') }));
    expect(node.run(node.runtime.podSandboxStatus({ podSandboxId })).status.network?.ip).toBe('10.88.0.2');
    expect(addresses(node)).toEqual(['10.88.0.2']);
    expect(node.host.network.list()).toHaveLength(1);
    node.run(node.runtime.removePodSandbox({ podSandboxId }));
    expect(addresses(node)).toEqual([]);
    expect(node.host.network.list()).toEqual([]);
    expect(calls).toEqual(['Add', 'Del']);
  });

  it('a failed ADD is followed by one DEL, and name, namespace and address are free', () => {
    const node = new TestNode(plugin, { cniFaults: failing('add', 1) });
    const calls = cniCalls(node);
    const { code, message } = failure(node, () => node.runtime.runPodSandbox({ config: podConfig('web') }));
    expect(code).toBe('UNKNOWN');
    expect(message).toContain('plugin type="bridge" failed (add): no room');
    expect(calls).toEqual(['Add!', 'Del']);
    expect(node.host.network.list()).toEqual([]);
    expect(node.run(node.runtime.listPodSandbox({})).items).toEqual([]);
    node.run(node.runtime.runPodSandbox({ config: podConfig('web') }));
    expect(addresses(node)).toHaveLength(1);
  });

  it('a stop whose DEL fails is an error; the next one tries again and succeeds', () => {
    const node = new TestNode(plugin, { cniFaults: failing('del', 1) });
    const { podSandboxId } = node.run(node.runtime.runPodSandbox({ config: podConfig('web') }));
    expect(failure(node, () => node.runtime.stopPodSandbox({ podSandboxId })).message).toContain('failed (delete): no room');
    expect(node.run(node.runtime.podSandboxStatus({ podSandboxId })).status.state).toBe('SANDBOX_NOTREADY');
    expect(addresses(node)).toHaveLength(1);
    node.run(node.runtime.stopPodSandbox({ podSandboxId }));
    node.run(node.runtime.removePodSandbox({ podSandboxId }));
    expect(addresses(node)).toEqual([]);
  });

  it('stops that meet: no two CNI calls for one sandbox run at a time', () => {
    const node = new TestNode(plugin, { cniLatency: '20ms' });
    const { podSandboxId } = node.run(node.runtime.runPodSandbox({ config: podConfig('web') }));
    let running = 0;
    let most = 0;
    node.kernel.events.on('trace', ({ kind, name }) => {
      if (name === 'cni.Plugin/Del') running += kind === 'call' ? 1 : -1;
      most = Math.max(most, running);
    });
    node.run(all([1, 2, 3].map(() => node.runtime.stopPodSandbox({ podSandboxId }))));
    expect(most).toBe(1);
    expect(addresses(node)).toEqual([]);
  });

  it('without a configuration the network is not ready and sandboxes fail, but for those on the host network', () => {
    const node = new TestNode(plugin, { network: null });
    const { conditions } = node.run(node.runtime.status({})).status;
    expect(conditions.find(({ type }) => type === 'NetworkReady')).toMatchObject({ status: false, reason: 'NetworkPluginNotReady' });
    expect(failure(node, () => node.runtime.runPodSandbox({ config: podConfig('web') })).code).toBe('UNKNOWN');
    const linux = { securityContext: { namespaceOptions: { network: 'NODE' } } } as const;
    node.run(node.runtime.runPodSandbox({ config: podConfig('host', { linux }) }));
  });
});

describe('power loss', () => {
  it('what a sandbox held that was being made when the power went is free after the boot', () => {
    const node = new TestNode(containerd);
    const kept = node.run(node.runtime.runPodSandbox({ config: podConfig('kept') })).podSandboxId;
    const caller = node.kernel.owner('impatient');
    caller.spawn('start', node.runtime.runPodSandbox({ config: podConfig('lost') }), () => undefined);
    while (addresses(node).length < 2) node.kernel.run({ until: node.kernel.now + 1000 });
    caller.kill();
    node.reboot();
    expect(node.run(node.runtime.listPodSandbox({})).items.map(({ id }) => id)).toEqual([kept]);
    expect(addresses(node)).toEqual(['10.88.0.2']);
    node.run(node.runtime.runPodSandbox({ config: podConfig('lost') }));
  });
});

describe('messages', () => {
  it('containerd: names the sandbox', () => {
    const node = new TestNode(containerd, { cniFaults: failing('add', 1) });
    const { message } = failure(node, () => node.runtime.runPodSandbox({ config: podConfig('web') }));
    expect(message).toMatch(/^failed to setup network for sandbox "[0-9a-f]{64}": plugin type="bridge" failed \(add\): no room$/);
    const empty = new TestNode(containerd, { network: null });
    expect(empty.run(empty.runtime.status({})).status.conditions[1]?.message).toBe(
      'Network plugin returns error: cni plugin not initialized',
    );
  });

  it('CRI-O: names pod, attempt and network', () => {
    const node = new TestNode(crio, { cniFaults: failing('add', 1) });
    const { message } = failure(node, () => node.runtime.runPodSandbox({ config: podConfig('web') }));
    expect(message).toMatch(
      /^failed to create pod network sandbox k8s_web_conformance_uid-of-web_0\([0-9a-f]{64}\): error adding pod conformance_web to CNI network "pods": plugin type="bridge" failed \(add\): no room$/,
    );
    const empty = new TestNode(crio, { network: null });
    expect(empty.run(empty.runtime.status({})).status.conditions[1]?.message).toBe(
      'Network plugin returns error: No CNI configuration file in /etc/cni/net.d/. Has your network provider started?',
    );
  });
});

describe('difference', () => {
  it('a repeated stop: containerd asks the plugins again, CRI-O does not', () => {
    const counts = [containerd, crio].map((plugin) => {
      const node = new TestNode(plugin);
      const { podSandboxId } = node.run(node.runtime.runPodSandbox({ config: podConfig('web') }));
      const calls = cniCalls(node);
      for (let time = 0; time < 3; time += 1) node.run(node.runtime.stopPodSandbox({ podSandboxId }));
      return calls.length;
    });
    expect(counts).toEqual([3, 1]);
  });

  it('a sandbox without shared pids: containerd runs a process for it, CRI-O none', () => {
    const counts = [containerd, crio].map((plugin) => {
      const node = new TestNode(plugin);
      node.run(node.runtime.runPodSandbox({ config: podConfig('web') }));
      return node.host.processes.size;
    });
    expect(counts).toEqual([1, 0]);
  });
});
