import { minutes, type Process, seconds, sleepUntil } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { pod, testWorld } from '../apiserver/test-world.ts';
import { SettleWatch } from './settle.ts';

/** A pod whose status somebody writes at the given times; `Ready` from the last of them on, if it gets there at all. */
async function ranFor(duration: number, { written, ready }: { written: readonly number[]; ready: boolean }) {
  const { api, kernel, owner, server, run } = testWorld();
  const watch = new SettleWatch(kernel, server);
  const made = run(api.pods.create(pod('web')));
  owner.spawn(
    'kubelet',
    (function* (): Process {
      let current = made;
      for (const time of written) {
        yield* sleepUntil(time);
        const value = ready && time === written.at(-1) ? 'True' : 'False';
        const conditions = [{ type: 'Ready', status: value, message: `${time}` }] as const;
        current = yield* api.pods.updateStatus({ ...current, status: { phase: 'Running', conditions } });
      }
      yield* sleepUntil(duration);
    })(),
  );
  return await watch.runFor(duration, (until) => kernel.runAsync({ until }));
}

describe('a run of a given length', () => {
  it('has settled when everything is ready at its end, however short it was', async () => {
    expect(await ranFor(minutes(1), { written: [seconds(50)], ready: true })).toEqual({ settled: true, ready: true });
  });

  it('has not settled while something that is not ready has changed within two minutes', async () => {
    expect(await ranFor(minutes(1), { written: [seconds(10), seconds(50)], ready: false })).toEqual({ settled: false, ready: false });
    expect(await ranFor(minutes(3), { written: [seconds(61)], ready: false })).toEqual({ settled: false, ready: false });
  });

  it('has settled when nothing has changed for two minutes, ready or not', async () => {
    expect(await ranFor(minutes(3), { written: [seconds(59)], ready: false })).toEqual({ settled: true, ready: false });
  });
});
