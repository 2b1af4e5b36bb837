import { Kernel, seconds, sleep } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { TraceRecorder } from '../../trace/index.ts';
import { type OnLine, violationOfReplay } from '../index.ts';
import { Lab } from '../testing/lab.ts';

describe('SIM-01 replay', () => {
  /** A process that tells of something hidden at its third step. */
  const run = (hidden: () => string | undefined) => (onLine: OnLine) => {
    const kernel = new Kernel();
    new TraceRecorder(kernel, { onLine });
    kernel.owner('walker').spawn('walk', walk(kernel, hidden), () => undefined);
    kernel.run();
  };

  function* walk(kernel: Kernel, hidden: () => string | undefined) {
    for (const step of ['a', 'b', 'c']) {
      yield* sleep(seconds(1));
      const told = step === 'c' ? hidden() : step;
      if (told !== undefined) kernel.record('log', 'walker', 'step', undefined, [told]);
    }
  }

  test('the same run twice is the same', async () => {
    expect(await violationOfReplay(run(() => 'c'))).toBeUndefined();
  });

  test('state that outlives a world is found, with the first event that differs', async () => {
    let runs = 0;
    const violation = await violationOfReplay(run(() => `run ${++runs}`));
    expect(violation).toMatchObject({ id: 'SIM-01', at: seconds(3), seq: 3 });
    expect(violation?.message).toContain('"run 2"');
    expect(violation?.message).toContain('"run 1"');
  });

  test.each([
    [[undefined, 'more'], 'goes on with'],
    [['less', undefined], 'ends after 2 events of 3'],
  ])('a run that is longer or shorter is found: %j', async (told, message) => {
    const left = [...told];
    expect((await violationOfReplay(run(() => left.shift())))?.message).toContain(message);
  });
});

describe('SIM-02 clock', () => {
  test('what the cluster writes is of its own time: silent', () => {
    const lab = new Lab(['SIM-02']);
    lab.pass(seconds(100));
    const pod = lab.pod('a');
    lab.bind('a', 'node-1');
    lab.status(pod, {
      phase: 'Running',
      startTime: '2026-01-01T00:01:40Z',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:01:40Z' }],
    });
    expect(lab.violations).toEqual([]);
  });

  test('a time from the wall clock is reported with its writer', () => {
    const lab = new Lab(['SIM-02']);
    const pod = lab.pod('a');
    lab.bind('a', 'node-1');
    lab.status(pod, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2031-07-01T12:00:00Z' }] });
    expect(lab.violations).toMatchObject([
      {
        id: 'SIM-02',
        message:
          "kubelet/node-1 wrote Ready's lastTransitionTime 2031-07-01T12:00:00Z into Pod default/a, which the virtual clock never showed",
      },
    ]);
    lab.status(pod, { phase: 'Running', startTime: '2025-12-31T23:00:00Z' });
    expect(lab.violations[1]?.message).toContain('the start time 2025-12-31T23:00:00Z');
  });

  test('time that goes back, and events that are missing, are reported', () => {
    const lab = new Lab(['SIM-02']);
    lab.pass(seconds(1));
    const { kernel } = lab;
    kernel.record('log', 'somebody', 'a', undefined, []);
    const seq = kernel.traceSequence;
    const record = { actor: 'somebody', kind: 'log', name: 'b', subject: undefined, cause: 0, data: [] } as const;
    kernel.events.emit('trace', { ...record, seq: seq + 1, at: 10 });
    kernel.events.emit('trace', { ...record, seq: seq + 3, at: 10 });
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'time went back from 1000000 to 10 µs at b of somebody',
      `trace event ${seq + 3} follows ${seq + 1}`,
    ]);
  });
});
