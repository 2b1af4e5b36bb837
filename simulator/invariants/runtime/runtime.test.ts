import type { CriServices } from '@slipway/cri';
import type { Host } from '@slipway/host';
import { minutes } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { failure, Lab } from '../testing/lab.ts';

const NODE = 'node-1';

describe('CRI-01 stop-idempotent', () => {
  const stop = { podSandboxId: 's-1' };

  test('a first stop may fail, repeats that succeed are right', () => {
    const lab = new Lab(['CRI-01']);
    lab.cri(NODE, 'StopPodSandbox', stop, failure('UNKNOWN', 'the network cannot be released'));
    for (const method of ['StopPodSandbox', 'StopPodSandbox', 'RemovePodSandbox', 'RemovePodSandbox']) lab.cri(NODE, method, stop);
    lab.cri(NODE, 'StopContainer', { containerId: 'c-1' }, failure('DEADLINE_EXCEEDED'));
    expect(lab.violations).toEqual([]);
  });

  test.each([
    ['StopPodSandbox', stop, 'PodSandbox s-1'],
    ['RemoveContainer', { containerId: 'c-1' }, 'Container c-1'],
  ])('%s that fails after it succeeded is reported', (method, request, object) => {
    const lab = new Lab(['CRI-01']);
    lab.cri(NODE, method, request);
    lab.cri(NODE, method, request, failure('UNKNOWN', 'it is stopped already'));
    expect(lab.violations).toMatchObject([{ id: 'CRI-01', objects: [object] }]);
    expect(lab.violations[0]?.message).toContain(
      `containerd/node-1 answered cri.RuntimeService/${method} with UNKNOWN (it is stopped already)`,
    );
  });

  test('"not found" is never right', () => {
    const lab = new Lab(['CRI-01']);
    lab.cri(NODE, 'RemovePodSandbox', stop, failure('NOT_FOUND'));
    expect(lab.broken).toEqual(['CRI-01']);
  });

  test('an injected fault, and calls that meet, are no sign', () => {
    const lab = new Lab(['CRI-01']);
    const { kernel } = lab;
    lab.cri(NODE, 'StopPodSandbox', stop);
    const call = (): number => kernel.record('call', `kubelet/${NODE}`, 'cri.RuntimeService/RemovePodSandbox', undefined, [], stop, 0);
    const answer = (seq: number): void =>
      void kernel.record(
        'answer',
        `containerd/${NODE}`,
        'cri.RuntimeService/RemovePodSandbox',
        undefined,
        ['UNKNOWN'],
        failure('UNKNOWN'),
        seq,
      );
    const struck = call();
    kernel.record('fault', `runc/${NODE}`, 'oci.Runtime/Delete', undefined, ['error UNKNOWN'], undefined, struck);
    answer(struck);
    const [one, other] = [call(), call()];
    answer(one);
    answer(other);
    expect(lab.violations).toEqual([]);
    answer(call());
    expect(lab.broken).toEqual(['CRI-01']);
  });
});

describe('CRI-03 no-orphans', () => {
  /** A node whose runtime holds what the test says; it has been ready for long. */
  function labWith(held: readonly { readonly id: string; readonly uid: string; readonly name: string }[]): Lab {
    const lab = new Lab(['CRI-03']);
    lab.node(NODE);
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' } as const;
    lab.run(lab.as(`kubelet/${NODE}`).nodes.patch({ name: NODE, subresource: 'status', patch: { status: { conditions: [ready] } } }));
    const runtime = {
      listPodSandbox: () => ({
        items: held.map(({ id, uid, name }) => ({
          id,
          metadata: { uid, name, namespace: 'default' },
          createdAt: BigInt(lab.kernel.epoch) * 1000n,
        })),
      }),
      listContainers: () => ({ containers: [] }),
    };
    lab.nodes.set(NODE, { host: { on: true } as unknown as Host, cri: { runtime } as unknown as CriServices });
    return lab;
  }

  test('what belongs to a pod of the node is no orphan, nor is what its kubelet had no time to clear away', () => {
    const held = [{ id: 's-0', uid: 'long-gone', name: 'lost' }];
    const lab = labWith(held);
    const pod = lab.pod('a');
    lab.bind('a', NODE);
    held.push({ id: 's-1', uid: pod.metadata.uid, name: 'a' });
    lab.pass(minutes(2));
    lab.atRest();
    expect(lab.violations).toEqual([]);
    lab.pass(minutes(2));
    lab.atRest();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'the runtime of node-1 still has PodSandbox s-0 of default/lost, a pod that the store does not know on that node',
    ]);
  });

  test('a pod on another node, and one whose object is gone, leave orphans', () => {
    const held: { id: string; uid: string; name: string }[] = [];
    const lab = labWith(held);
    for (const name of ['moved', 'gone']) {
      const pod = lab.pod(name);
      lab.bind(name, name === 'moved' ? 'node-2' : NODE);
      lab.sandbox(NODE, pod, name);
      held.push({ id: name, uid: pod.metadata.uid, name });
    }
    lab.pass(minutes(10));
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'gone', gracePeriodSeconds: 0 }));
    lab.atRest();
    expect(lab.violations.map(({ objects }) => objects[1])).toEqual(['Pod default/moved']);
    lab.pass(minutes(4));
    lab.atRest();
    expect(lab.violations.map(({ objects }) => objects[1])).toEqual(['Pod default/moved', 'Pod default/moved', 'Pod default/gone']);
  });

  test('a node that is not ready is left out', () => {
    const lab = labWith([{ id: 's-0', uid: 'x', name: 'lost' }]);
    const lost = { type: 'Ready', status: 'Unknown' } as const;
    lab.run(
      lab.as('node-lifecycle-controller').nodes.patch({ name: NODE, subresource: 'status', patch: { status: { conditions: [lost] } } }),
    );
    lab.pass(minutes(10));
    lab.atRest();
    expect(lab.violations).toEqual([]);
  });
});
