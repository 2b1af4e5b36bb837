import { minutes, seconds } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { failure, Lab } from '../testing/lab.ts';

const NODE = 'node-1';
const metadata = { name: 'web', namespace: 'default', uid: 'u-1', attempt: 0 };

describe('CRI-02 name-freed', () => {
  const run = (lab: Lab, answer: object, attempt = 0): void =>
    lab.cri(NODE, 'RunPodSandbox', { config: { metadata: { ...metadata, attempt } } }, answer);
  const taken = failure('UNKNOWN', 'name "web_0" is reserved for "s-0"');

  test('a try after a failure, one while the object is there, and one after a lost answer are silent', () => {
    const lab = new Lab(['CRI-02']);
    run(lab, failure('UNKNOWN', 'the network is busy'));
    run(lab, { podSandboxId: 's-1' });
    run(lab, taken);
    lab.cri(NODE, 'RemovePodSandbox', { podSandboxId: 's-1' });
    run(lab, failure('DEADLINE_EXCEEDED'));
    run(lab, taken);
    run(lab, { podSandboxId: 's-2' }, 1);
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    expect(lab.met('CRI-02')).toBeGreaterThan(0);
  });

  test('a name that a failed create keeps is reported', () => {
    const lab = new Lab(['CRI-02']);
    run(lab, failure('UNKNOWN', 'the network is busy'));
    run(lab, taken);
    expect(lab.violations).toMatchObject([
      {
        id: 'CRI-02',
        message:
          'containerd/node-1 refused cri.RuntimeService/RunPodSandbox for sandbox 0 of pod default/web (name "web_0" is reserved for "s-0"), though the one before failed (the network is busy)',
      },
    ]);
  });

  test('two objects of one name are reported, of containers too', () => {
    const lab = new Lab(['CRI-02']);
    run(lab, { podSandboxId: 's-1' });
    run(lab, { podSandboxId: 's-2' });
    const request = {
      podSandboxId: 's-2',
      config: { metadata: { name: 'main', attempt: 0 }, image: { image: 'nginx' } },
      sandboxConfig: { metadata },
    };
    for (const containerId of ['c-1', 'c-2']) lab.cri(NODE, 'CreateContainer', request, { containerId });
    expect(lab.violations.map(({ message }) => message.slice(message.indexOf('with')))).toEqual([
      'with s-2, a second object for sandbox 0 of pod default/web: s-1 is there already',
      'with c-2, a second object for container main, attempt 0 of pod default/web: c-1 is there already',
    ]);
  });

  test('a name that is refused for ever after a lost answer, while nothing has it, is reported when the calm is over', () => {
    const lab = new Lab(['CRI-02']);
    const runtime = { listPodSandbox: () => ({ items: [] }), listContainers: () => ({ containers: [] }) };
    lab.nodes.set(NODE, { host: { on: true } as never, cri: { runtime, image: {} } as never });
    run(lab, failure('DEADLINE_EXCEEDED'));
    for (let time = 0; time < 12; time += 1) {
      lab.pass(minutes(1));
      run(lab, taken);
    }
    expect(lab.violations).toEqual([]);
    lab.afterCalm();
    expect(lab.broken).toEqual(['CRI-02']);
  });
});

describe('CRI-04 image-in-use', () => {
  const image = { id: 'sha256:1', repoTags: ['nginx:1'], repoDigests: [], size: 1, pinned: false };
  const used = (): Lab => {
    const lab = new Lab(['CRI-04']);
    ask(lab, 'ImageStatus', { image: { image: 'nginx:1' } }, { image });
    const config = { metadata: { name: 'main' }, image: { image: 'sha256:1' } };
    lab.cri(NODE, 'CreateContainer', { podSandboxId: 's-1', config, sandboxConfig: { metadata } }, { containerId: 'c-1' });
    lab.pass(minutes(1));
    return lab;
  };
  const ask = (lab: Lab, method: string, request: object, answer: object = {}): void =>
    lab.call(`cri.ImageService/${method}`, `kubelet/${NODE}`, `containerd/${NODE}`, request, answer);
  const remove = { image: { image: 'sha256:1' } };

  test('an image that nobody uses any more may go', () => {
    const lab = used();
    ask(lab, 'ListImages', {}, { images: [image] });
    lab.cri(NODE, 'RemoveContainer', { containerId: 'c-1' });
    ask(lab, 'RemoveImage', remove);
    ask(lab, 'ListImages', {}, { images: [] });
    expect(lab.violations).toEqual([]);
    expect(lab.met('CRI-04')).toBe(2);
  });

  test('who asks to remove one that is used, or pinned, is reported', () => {
    const lab = used();
    ask(lab, 'RemoveImage', remove);
    ask(lab, 'ListImages', {}, { images: [{ ...image, id: 'sha256:2', pinned: true }] });
    ask(lab, 'RemoveImage', { image: { image: 'sha256:2' } });
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'kubelet/node-1 asks to remove image sha256:1, which container c-1 of pod default/web uses',
      'kubelet/node-1 asks to remove image sha256:2, which is pinned',
    ]);
  });

  test.each([
    ['ListImages', {}, { images: [] }],
    ['ImageStatus', { image: { image: 'nginx:1' } }, {}],
  ])('a runtime that loses one that is used is reported by %s', (method, request, answer) => {
    const lab = used();
    lab.pass(seconds(1));
    ask(lab, method, request, answer);
    expect(lab.violations[0]?.message).toBe(
      'containerd/node-1 does not show image sha256:1 any more, which container c-1 of pod default/web uses, and nobody asked to remove it',
    );
  });
});

describe('CRI-05 stop-despite-network', () => {
  const stuck = (lastDel: object, times: number): Lab => {
    const lab = new Lab(['CRI-05']);
    const request = { containerId: 's-1', ifname: 'eth0', config: { name: 'pods', type: 'my-network' } };
    lab.cni(NODE, 'Del', request, failure('100'));
    for (let time = 0; time < times; time += 1) {
      lab.cni(NODE, 'Del', request, lastDel);
      lab.cri(NODE, 'StopPodSandbox', { podSandboxId: 's-1' }, failure('UNKNOWN', 'the network is not undone'));
      lab.pass(minutes(1));
    }
    lab.afterCalm();
    return lab;
  };

  test('a sandbox whose plugin refuses still, and one that has refused for a moment, are silent', () => {
    expect(stuck(failure('100'), 6).violations).toEqual([]);
    expect(stuck({}, 1).violations).toEqual([]);
  });

  test('one that stays although its network is undone is reported', () => {
    expect(stuck({}, 6).violations).toMatchObject([{ id: 'CRI-05', objects: ['PodSandbox s-1'] }]);
  });
});
