import { Host } from '@slipway/host';
import { minutes } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { failure, Lab } from '../testing/lab.ts';

const KUBELET = 'kubelet/node-1';
const DRIVER = 'my-disks/node-1';
const STAGING = '/staging';
const TARGET = '/pods/uid-1/mount';
const CAPABILITY = { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } };

/** A lab with one machine. */
class NodeLab extends Lab {
  readonly host: Host;

  constructor(...only: readonly string[]) {
    super(only);
    this.host = new Host({
      name: 'node-1',
      kernel: this.kernel,
      programs: {
        resolve: () => ({
          name: 'none',
          *run() {
            return 0;
          },
        }),
      },
    });
    this.nodes.set('node-1', { host: this.host, cri: undefined });
    for (const path of [STAGING, TARGET]) this.host.mounts.makeDirectory(path, { recursive: true });
    this.call('csi.Node/NodeGetInfo', KUBELET, DRIVER, {}, { nodeId: 'i-1' });
  }

  ask(method: string, more: object = {}): { readonly seq: number; readonly name: string } {
    const name = `csi.Node/${method}`;
    const request = {
      volumeId: 'vol-1',
      stagingTargetPath: STAGING,
      targetPath: TARGET,
      volumeCapability: CAPABILITY,
      readonly: false,
      ...more,
    };
    return { name, seq: this.kernel.record('call', KUBELET, name, undefined, [], request, 0) };
  }

  answer({ seq, name }: { readonly seq: number; readonly name: string }, answer: object = {}): void {
    const code = answer instanceof Error ? (answer as Error & { code: string }).code : 'OK';
    this.kernel.record('answer', DRIVER, name, undefined, [code], answer, seq);
  }

  do(method: string, answer: object = {}, more: object = {}): void {
    this.answer(this.ask(method, more), answer);
  }

  /** The driver mounts, and says so. */
  stage(): void {
    if (!this.host.mounts.at(STAGING)) this.host.mounts.mount('tmpfs', STAGING, { type: 'tmpfs' });
    this.do('NodeStageVolume');
  }

  publish(): void {
    if (!this.host.mounts.at(TARGET)) this.host.mounts.mount(STAGING, TARGET, { type: 'bind' });
    this.do('NodePublishVolume');
  }

  unpublish(): void {
    const call = this.ask('NodeUnpublishVolume');
    if (this.host.mounts.at(TARGET)) this.host.mounts.unmount(TARGET);
    this.answer(call);
  }

  unstage(): void {
    if (this.host.mounts.at(STAGING)) this.host.mounts.unmount(STAGING);
    this.do('NodeUnstageVolume');
  }

  detach(): void {
    const request = { volumeId: 'vol-1', nodeId: 'i-1' };
    this.call('csi.Controller/ControllerUnpublishVolume', 'external-attacher/my-disks', 'csi/my-disks', request);
  }

  /** The node, as its kubelet says it is. */
  readiness(status: 'True' | 'False'): void {
    const conditions = [{ type: 'Ready', status, reason: 'KubeletReady', message: '' }];
    if (!this.server.peek('nodes', undefined, 'node-1')) this.node('node-1');
    this.run(this.as(KUBELET).nodes.patch({ name: 'node-1', subresource: 'status', patch: { status: { conditions } } }));
  }
}

describe('CSI-02 stage-first', () => {
  test('what was staged before a power loss has to be staged again', () => {
    const lab = new NodeLab('CSI-02');
    lab.stage();
    lab.publish();
    expect(lab.met('CSI-02')).toBe(1);
    lab.host.powerOff();
    lab.host.powerOn();
    lab.do('NodePublishVolume');
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'kubelet/node-1 publishes volume vol-1, which is not staged at /staging since the machine lost its power',
    ]);
  });
});

describe('CSI-03 one-op-per-volume', () => {
  test('one after the other, side by side for two pods, and after a restart of the kubelet, is silent', () => {
    const lab = new NodeLab('CSI-03');
    lab.stage();
    const [one, other] = [lab.ask('NodePublishVolume'), lab.ask('NodePublishVolume', { targetPath: '/pods/uid-2/mount' })];
    lab.answer(other);
    lab.answer(one);
    const forgotten = lab.ask('NodeUnpublishVolume');
    lab.do('NodeGetInfo', { nodeId: 'i-1' });
    lab.do('NodeUnpublishVolume');
    lab.answer(forgotten);
    expect(lab.violations).toEqual([]);
    expect(lab.met('CSI-03')).toBeGreaterThan(3);
  });

  test.each([['NodeStageVolume'], ['NodeUnstageVolume']])('%s beside a publish is reported', (method) => {
    const lab = new NodeLab('CSI-03');
    const [one, other] = [lab.ask('NodePublishVolume'), lab.ask(method)];
    lab.answer(one);
    lab.answer(other);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      `kubelet/node-1 called csi.Node/${method} of volume vol-1 while its csi.Node/NodePublishVolume was under way`,
    ]);
  });

  test('a driver that mounts twice at one path is reported once', () => {
    const lab = new NodeLab('CSI-03');
    lab.stage();
    lab.host.mounts.mount('tmpfs', STAGING, { type: 'tmpfs' });
    lab.do('NodeStageVolume');
    lab.do('NodeStageVolume');
    expect(lab.violations.map(({ message }) => message)).toEqual(['my-disks/node-1 mounted volume vol-1 2 times at /staging']);
  });
});

describe('CSI-04 timeout-is-maybe', () => {
  test('a stage without an answer that is undone is silent; one that is forgotten is reported at the detach', () => {
    const lab = new NodeLab('CSI-04');
    lab.readiness('True');
    lab.pass(minutes(20));
    lab.do('NodeStageVolume', failure('DEADLINE_EXCEEDED'));
    lab.unstage();
    lab.detach();
    expect(lab.violations).toEqual([]);
    lab.do('NodeStageVolume', failure('DEADLINE_EXCEEDED'));
    lab.detach();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'external-attacher/my-disks takes volume vol-1 off node-1, where it is perhaps still staged at /staging: nobody undid it',
    ]);
  });

  test('a final error needs no undoing; what nobody undoes is reported after the calm', () => {
    const lab = new NodeLab('CSI-04');
    lab.do('NodeStageVolume', failure('INVALID_ARGUMENT'));
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    lab.do('NodeStageVolume', failure('UNAVAILABLE'));
    lab.afterCalm();
    expect(lab.broken).toEqual(['CSI-04']);
  });

  test('what went with the power is silent', () => {
    const lab = new NodeLab('CSI-04');
    lab.stage();
    lab.host.powerOff();
    lab.host.powerOn();
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
  });
});

describe('CSI-08 node-ops-idempotent', () => {
  test('a whole life, each call twice, is silent', () => {
    const lab = new NodeLab('CSI-08');
    lab.stage();
    lab.stage();
    lab.publish();
    lab.publish();
    lab.unpublish();
    lab.unpublish();
    lab.unstage();
    lab.unstage();
    expect(lab.violations).toEqual([]);
    expect(lab.met('CSI-08')).toBe(4);
  });

  test.each([['NodeStageVolume'], ['NodePublishVolume'], ['NodeUnpublishVolume'], ['NodeUnstageVolume']])(
    '%s that fails when it is repeated is reported, unless it is busy or out of reach, or power was lost before it',
    (method) => {
      const lab = new NodeLab('CSI-08');
      lab.do(method);
      for (const code of ['ABORTED', 'UNAVAILABLE']) lab.do(method, failure(code));
      expect(lab.violations).toEqual([]);
      lab.do(method, failure('INTERNAL'));
      expect(lab.violations.map(({ message }) => message)).toEqual([
        `my-disks/node-1 answered csi.Node/${method} of volume vol-1 with INTERNAL, which it had done before`,
      ]);
    },
  );

  test('another request may be refused', () => {
    const lab = new NodeLab('CSI-08');
    lab.publish();
    lab.do('NodePublishVolume', failure('ALREADY_EXISTS'), { readonly: true });
    expect(lab.violations).toEqual([]);
  });

  test('what is said to be undone and is still mounted is reported', () => {
    const lab = new NodeLab('CSI-08');
    lab.stage();
    lab.do('NodeUnstageVolume');
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'my-disks/node-1 answered csi.Node/NodeUnstageVolume of volume vol-1 with success, and it is still mounted at /staging',
    ]);
  });

  test('files that a pod left are there for the next; those that are not are reported', () => {
    const lab = new NodeLab('CSI-08');
    lab.stage();
    lab.publish();
    lab.host.mounts.write(`${TARGET}/f`, 'hello');
    lab.unpublish();
    lab.publish();
    expect(lab.violations).toEqual([]);
    lab.unpublish();
    lab.host.mounts.remove(`${STAGING}/f`);
    lab.publish();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'my-disks/node-1 published volume vol-1 without its file /f, which was there before',
    ]);
  });
});

describe('CSI-09 unpublish-missing-ok', () => {
  test('errors now and then are silent; one that never ends is reported after the calm', () => {
    const lab = new NodeLab('CSI-09');
    for (let time = 0; time < 3; time += 1) lab.do('NodeUnstageVolume', failure('INTERNAL'));
    lab.do('NodeUnstageVolume');
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    for (let time = 0; time < 5; time += 1) lab.do('NodeUnstageVolume', failure('INTERNAL'));
    lab.afterCalm();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'my-disks/node-1 answered csi.Node/NodeUnstageVolume of volume vol-1 with INTERNAL, 5 times in a row, and never let it go',
    ]);
  });
});

describe('CSI-10 force-detach-guard', () => {
  test('a detach after unstage, and one from a node that is not well, are silent', () => {
    const lab = new NodeLab('CSI-10');
    lab.readiness('True');
    lab.pass(minutes(20));
    lab.stage();
    lab.unstage();
    lab.detach();
    expect(lab.met('CSI-10')).toBe(1);
    lab.stage();
    lab.readiness('False');
    lab.detach();
    lab.readiness('True');
    lab.detach();
    expect(lab.violations).toEqual([]);
  });

  test('a detach from a node that is well and has the volume is reported', () => {
    const lab = new NodeLab('CSI-10');
    lab.readiness('True');
    lab.pass(minutes(20));
    lab.stage();
    lab.detach();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'external-attacher/my-disks takes volume vol-1 off node-1, which is well and has it staged at /staging',
    ]);
  });
});

describe('CSI-14 expand-only-grows', () => {
  test('an expansion of what is staged is silent, one of what is not, and a size that was not reached, are reported', () => {
    const lab = new NodeLab('CSI-14');
    const more = { capacityRange: { requiredBytes: 20 } };
    lab.stage();
    lab.do('NodeExpandVolume', { capacityBytes: 20 }, more);
    expect(lab.violations).toEqual([]);
    lab.do('NodeExpandVolume', { capacityBytes: 10 }, more);
    lab.unstage();
    lab.do('NodeExpandVolume', { capacityBytes: 20 }, more);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'my-disks/node-1 expanded volume vol-1 to 10 bytes where 20 were asked for',
      'kubelet/node-1 expands volume vol-1, which is not staged at /staging',
    ]);
  });
});
