import { minutes, seconds } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goDuration } from '../go-duration.ts';
import { containerOf, instanceOf, observedOf, podOf, sidecarOf } from '../testing/observations.ts';
import { BackOff } from './back-off.ts';
import { containerHash } from './container-hash.ts';
import { effectiveGracePeriod, gracePeriodSeconds, killOrder, stopTimeoutSeconds } from './kill-order.ts';
import { restartPause } from './restart-back-off.ts';

describe('restartPause', () => {
  const app = containerOf('app');
  const pod = podOf();
  const crashed = (finishedAt: number) => observedOf([instanceOf(app, { state: 'exited', exitCode: 1, finishedAt })]);

  it('the first restart is immediate, later ones wait 10, 20, 40, 80, 160, 300, 300 s after each end (KUB-14)', () => {
    const backOff = new BackOff(seconds(10), minutes(5), minutes(10));
    let now = seconds(100);
    const pauses: number[] = [];
    for (let restart = 0; restart < 8; restart++) {
      const finishedAt = now;
      while (restartPause(pod, app, crashed(finishedAt), backOff, now)) now += seconds(1);
      pauses.push((now - finishedAt) / 1_000_000);
    }
    expect(pauses).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('says how long and of what', () => {
    const backOff = new BackOff(seconds(10), minutes(5), minutes(10));
    restartPause(pod, app, crashed(seconds(5)), backOff, seconds(5));
    expect(restartPause(pod, app, crashed(seconds(6)), backOff, seconds(7))).toEqual({
      message: 'back-off 10s restarting failed container=app pod=web_default(u1)',
      event: 'Back-off restarting failed container app in pod web_default(u1)',
      endsAt: seconds(16),
    });
  });

  it('a container that ran for more than 10 minutes starts afresh', () => {
    const backOff = new BackOff(seconds(10), minutes(5), minutes(10));
    for (const at of [10, 11, 40]) restartPause(pod, app, crashed(seconds(at)), backOff, seconds(at + 25));
    expect(restartPause(pod, app, crashed(seconds(65) + minutes(10) + 1), backOff, seconds(65) + minutes(10) + 2)).toBeUndefined();
    expect(backOff.delay([pod.metadata.name, 'default', 'u1', 'app', 'app:1', '{}'].join('/'))).toBe(seconds(10));
  });

  it('another image is another sequence', () => {
    const backOff = new BackOff(seconds(10), minutes(5), minutes(10));
    restartPause(pod, app, crashed(seconds(5)), backOff, seconds(5));
    expect(restartPause(pod, { ...app, image: 'app:2' }, crashed(seconds(6)), backOff, seconds(6))).toBeUndefined();
    expect(restartPause(pod, app, crashed(seconds(6)), backOff, seconds(6))).toBeDefined();
  });

  it('the pause never shrinks while it is in use, and never exceeds its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 30 }), (waits) => {
        const backOff = new BackOff(seconds(10), minutes(5));
        let [now, before] = [0, 0];
        for (const wait of waits) {
          now += seconds(wait);
          backOff.advance('key', now, now);
          const delay = backOff.delay('key');
          expect(delay).toBeGreaterThanOrEqual(before);
          expect(delay).toBeLessThanOrEqual(minutes(5));
          before = delay;
        }
      }),
    );
  });
});

describe('killOrder', () => {
  it('nobody waits in a pod without sidecars', () => {
    const pod = podOf({ initContainers: [containerOf('i')], containers: [containerOf('a'), containerOf('b')] });
    expect(killOrder(pod, new Set(['a', 'b'])).size).toBe(0);
  });

  it('sidecars wait for all regular containers and for the sidecars after them', () => {
    const pod = podOf({
      initContainers: [sidecarOf('s'), containerOf('i'), sidecarOf('t')],
      containers: [containerOf('a'), containerOf('b')],
    });
    const order = killOrder(pod, new Set(['a', 'b', 's', 't']));
    expect(Object.fromEntries(order)).toEqual({ t: ['a', 'b'], s: ['a', 'b', 't'] });
    expect(Object.fromEntries(killOrder(pod, new Set(['s', 't'])))).toEqual({ t: [], s: ['t'] });
  });

  it('waiting ends: nobody waits for itself, directly or not', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.integer({ min: 0, max: 6 }), fc.uniqueArray(name), (names, split, running) => {
        const pod = podOf({
          initContainers: names.slice(0, split).map((each) => sidecarOf(each)),
          containers: names.slice(split).map((each) => containerOf(each)),
        });
        const order = killOrder(pod, new Set(running));
        const depth = (each: string, above: readonly string[]): number => {
          expect(above).not.toContain(each);
          return 1 + Math.max(0, ...(order.get(each) ?? []).map((next) => depth(next, [...above, each])));
        };
        for (const each of order.keys()) depth(each, []);
      }),
    );
  });
});

describe('grace periods', () => {
  const app = containerOf('app', { livenessProbe: { terminationGracePeriodSeconds: 3 } });

  it.each([
    ['the deletion decides', podOf({ terminationGracePeriodSeconds: 30 }, { deletionGracePeriodSeconds: 7 }), 'LivenessProbe', 7],
    ['else the probe that failed', podOf({ terminationGracePeriodSeconds: 30 }), 'LivenessProbe', 3],
    ['another probe does not count', podOf({ terminationGracePeriodSeconds: 30 }), 'StartupProbe', 30],
    ['else the pod', podOf({ terminationGracePeriodSeconds: 30 }), 'Unknown', 30],
  ] as const)('%s', (_title, pod, reason, expected) => {
    expect(gracePeriodSeconds(pod, app, reason)).toBe(expected);
  });

  it('hooks and waiting take from it, but 2 s are left to react', () => {
    expect(stopTimeoutSeconds(30, 4)).toBe(26);
    expect(stopTimeoutSeconds(30, 30)).toBe(2);
    expect(stopTimeoutSeconds(0, 0)).toBe(2);
  });

  it('a pod’s grace is at least 1 s and only shrinks', () => {
    const wish = fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.array(fc.record({ deletion: wish, override: wish }), { minLength: 1 }),
        fc.integer({ min: 0, max: 60 }),
        (wishes, own) => {
          let current = 0;
          for (const { deletion, override } of wishes) {
            const pod = podOf(
              { terminationGracePeriodSeconds: own },
              deletion === undefined ? {} : { deletionGracePeriodSeconds: deletion },
            );
            const { seconds: next, shortened } = effectiveGracePeriod(pod, current, { override });
            expect(next).toBeGreaterThanOrEqual(1);
            if (current > 0) expect(next).toBeLessThanOrEqual(current);
            expect(shortened).toBe(current !== 0 && next !== current);
            current = next;
          }
        },
      ),
    );
  });
});

describe('containerHash', () => {
  it('follows name and image and nothing else', () => {
    const app = containerOf('app');
    expect(containerHash({ ...app, command: ['x'], resources: { limits: { cpu: '1' } } })).toBe(containerHash(app));
    expect(containerHash({ ...app, image: 'app:2' })).not.toBe(containerHash(app));
    expect(containerHash({ ...app, name: 'other' })).not.toBe(containerHash(app));
  });
});

describe('goDuration', () => {
  it.each([
    [0, '0s'],
    [seconds(10), '10s'],
    [seconds(80), '1m20s'],
    [minutes(5), '5m0s'],
    [seconds(1.5), '1.5s'],
    [250_000, '250ms'],
    [minutes(61), '1h1m0s'],
  ])('%i microseconds are %s', (micros, text) => {
    expect(goDuration(micros)).toBe(text);
  });
});
