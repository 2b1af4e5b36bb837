import { Host, type HostProcess, type Program } from '@slipway/host';
import { digestOf, encode } from '@slipway/oci';
import { describe, expect, test } from 'vitest';
import { failure, Lab } from '../testing/lab.ts';

const NODE = 'node-1';

/** Runs until it is told to end. */
const patient: Program = {
  name: 'patient',
  *run({ signals }) {
    yield* signals.receive();
    return 0;
  },
};

/** A lab with a machine that has one process, which waits to be started. */
function setUp(row: string): { readonly lab: Lab; readonly host: Host; readonly process: HostProcess } {
  const lab = new Lab([row]);
  const host = new Host({ name: NODE, kernel: lab.kernel, programs: { resolve: () => patient }, addresses: ['172.18.0.2/16'] });
  lab.nodes.set(NODE, { host, cri: undefined });
  return { lab, host, process: host.processes.create({ name: 'main', argv: ['main'], netns: host.network.root }) };
}

function oci(lab: Lab, method: string, answer: object = {}, more: object = {}): void {
  lab.call(`oci.Runtime/${method}`, `containerd/${NODE}`, `runc/${NODE}`, { id: 'c-1', bundle: '/run/c-1', ...more }, answer);
}
const state = (status: string): object => ({ ociVersion: '1.3.0', id: 'c-1', status, bundle: '/run/c-1' });
const whys = ({ violations }: Lab): readonly string[] => violations.map(({ message }) => message.slice(message.indexOf(': ') + 2));

describe('OCI-01 states', () => {
  test('created, running, stopped, deleted: silent', () => {
    const { lab, process } = setUp('OCI-01');
    oci(lab, 'Create', { pid: process.pid });
    oci(lab, 'State', state('created'));
    process.start();
    oci(lab, 'Start');
    oci(lab, 'State', state('running'));
    oci(lab, 'Kill', {}, { signal: 'SIGKILL' });
    process.signal('SIGKILL');
    oci(lab, 'State', state('stopped'));
    oci(lab, 'Kill', failure('NOT_RUNNING'), { signal: 'SIGKILL' });
    oci(lab, 'Delete');
    expect(lab.violations).toEqual([]);
    expect(lab.met('OCI-01')).toBeGreaterThan(5);
  });

  test('a way back, a second start and a kill of what has stopped are reported', () => {
    const { lab, process } = setUp('OCI-01');
    oci(lab, 'Create', { pid: process.pid });
    process.start();
    oci(lab, 'Start');
    oci(lab, 'State', state('created'));
    oci(lab, 'Start');
    oci(lab, 'State', state('stopped'));
    oci(lab, 'Kill', {}, { signal: 'SIGKILL' });
    expect(whys(lab)).toEqual(['it is created, and was running before', 'it was running already', 'it was stopped already']);
  });

  test('a create that runs the program, a start that does not, and a delete of what runs are reported', () => {
    const { lab, process } = setUp('OCI-01');
    oci(lab, 'Create', { pid: process.pid });
    oci(lab, 'Start');
    process.start();
    oci(lab, 'Delete');
    oci(lab, 'Create', { pid: process.pid });
    expect(whys(lab)).toEqual(['its program does not run', 'its program still runs', 'its program runs, and nobody has started it']);
  });
});

describe('OCI-02 delete-complete', () => {
  test('a delete that leaves nothing is silent', () => {
    const { lab, process } = setUp('OCI-02');
    oci(lab, 'Create', { pid: process.pid });
    process.start();
    process.signal('SIGKILL');
    oci(lab, 'Delete');
    oci(lab, 'State', failure('UNKNOWN_CONTAINER'));
    oci(lab, 'Create', { pid: process.pid });
    expect(lab.violations).toEqual([]);
    expect(lab.met('OCI-02')).toBe(2);
  });

  test('a process that stays, a container that is known still and an id in use are reported', () => {
    const { lab, process } = setUp('OCI-02');
    oci(lab, 'Create', { pid: process.pid });
    process.start();
    oci(lab, 'Delete', {}, { force: true });
    oci(lab, 'State', state('stopped'));
    oci(lab, 'Create', failure('ID_IN_USE'));
    expect(whys(lab)).toEqual([
      `process ${process.pid} of it is still there`,
      'it is there, though its delete succeeded',
      'its id is in use, though its delete succeeded',
    ]);
  });

  test('a delete that failed for a hook and is then forgotten is reported', () => {
    const { lab, process } = setUp('OCI-02');
    oci(lab, 'Create', { pid: process.pid });
    oci(lab, 'Delete', failure('HOOK_FAILED', 'poststop'));
    oci(lab, 'Delete', failure('UNKNOWN_CONTAINER', 'no such container'));
    expect(whys(lab)).toEqual(['it is not known any more, though its delete failed before (no such container)']);
  });
});

describe('OCI-03 reboot-stops', () => {
  const rebooted = (answer: object): Lab => {
    const { lab, host, process } = setUp('OCI-03');
    oci(lab, 'Create', { pid: process.pid });
    oci(lab, 'State', state('running'));
    host.powerOff();
    host.powerOn();
    oci(lab, 'State', answer);
    return lab;
  };

  test('what is unknown, or stopped, after a reboot is silent', () => {
    expect(rebooted(failure('UNKNOWN_CONTAINER')).violations).toEqual([]);
    expect(rebooted(state('stopped')).met('OCI-03')).toBe(1);
  });

  test('what runs still is reported', () => {
    expect(whys(rebooted(state('running')))).toEqual(['it is running, though node-1 has been rebooted since']);
  });
});

describe('OCI-04 digest', () => {
  const content = encode('{}');
  const digest = digestOf(content);
  const fetch = (lab: Lab, bytes: Uint8Array): void =>
    lab.call('oci.Distribution/GetBlob', `containerd/${NODE}`, 'registry', { name: 'nginx', digest }, { content: bytes, digest, size: 2 });
  const pullFails = (lab: Lab): void =>
    lab.call(
      'cri.ImageService/PullImage',
      `kubelet/${NODE}`,
      `containerd/${NODE}`,
      { image: { image: 'nginx' } },
      failure('UNKNOWN', `failed size or digest validation of ${digest}: mismatch`),
    );

  test('right content, and a complaint about wrong content, are silent', () => {
    const lab = new Lab(['OCI-04']);
    fetch(lab, content);
    expect(lab.violations).toEqual([]);
    expect(lab.met('OCI-04')).toBe(1);
    fetch(lab, encode('[]'));
    pullFails(lab);
    expect(lab.violations).toHaveLength(1);
  });

  test('wrong content, a complaint about right content, and an image of another digest are reported', () => {
    const lab = new Lab(['OCI-04']);
    pullFails(lab);
    fetch(lab, encode('[]'));
    const image = { id: 'sha256:9', repoTags: [], repoDigests: ['nginx@sha256:8'], size: 1, pinned: false };
    lab.call('cri.ImageService/ImageStatus', `kubelet/${NODE}`, `containerd/${NODE}`, { image: { image: 'nginx@sha256:7' } }, { image });
    expect(lab.violations.map(({ message }) => message.split(' ')[0])).toEqual([`containerd/${NODE}`, 'registry', `containerd/${NODE}`]);
  });
});

describe('OCI-05 layer-held', () => {
  /** A pull, with a removal beside it if wanted, and what the runtime says then. */
  function pulled(beside: boolean, answer: object): Lab {
    const lab = new Lab(['OCI-05']);
    const [from, to] = [`kubelet/${NODE}`, `containerd/${NODE}`];
    const image = { image: { image: 'nginx' } };
    const seq = lab.kernel.record('call', from, 'cri.ImageService/PullImage', undefined, [], image, 0);
    if (beside) lab.call('cri.ImageService/RemoveImage', from, to, { image: { image: 'sha256:other' } });
    lab.kernel.record('answer', to, 'cri.ImageService/PullImage', undefined, ['OK'], { imageRef: 'sha256:1' }, seq);
    const metadata = { name: 'web', namespace: 'default', uid: 'u-1' };
    const config = { metadata: { name: 'main' }, image: { image: 'sha256:1' } };
    lab.cri(NODE, 'CreateContainer', { podSandboxId: 's-1', config, sandboxConfig: { metadata } }, answer);
    return lab;
  }
  const missing = failure('UNKNOWN', 'snapshot sha256:2 does not exist');

  test('an image that has all its layers, and one that lost them at another time, are silent', () => {
    expect(pulled(true, { containerId: 'c-1' }).violations).toEqual([]);
    expect(pulled(true, { containerId: 'c-1' }).met('OCI-05')).toBe(1);
    expect(pulled(false, missing).violations).toEqual([]);
  });

  test('an image that lost a layer to a removal beside its pull is reported', () => {
    expect(pulled(true, missing).violations).toMatchObject([{ id: 'OCI-05', objects: ['Image nginx', 'Pod default/web'] }]);
  });
});
