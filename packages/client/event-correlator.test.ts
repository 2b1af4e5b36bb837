import { describe, expect, it } from 'vitest';
import { EventCorrelator } from './event-correlator.ts';

const pod = { kind: 'Pod', namespace: 'default', name: 'p', uid: 'u' };
const second = 1_000_000;

describe('event correlator', () => {
  it('the same again is one series with a higher count', () => {
    const correlator = new EventCorrelator('kubelet', 'node-1');
    const first = correlator.see(pod, 'Warning', 'BackOff', 'again', 0);
    const next = correlator.see(pod, 'Warning', 'BackOff', 'again', 10 * second);
    expect([first?.count, next?.count]).toEqual([1, 2]);
    expect(next?.series).toBe(first?.series);
    expect(correlator.see({ ...pod, uid: 'v' }, 'Warning', 'BackOff', 'again', 10 * second)?.count).toBe(1);
  });

  it('more than ten messages within ten minutes are combined; after a pause they stand alone again', () => {
    const correlator = new EventCorrelator('scheduler', undefined);
    const messages = Array.from({ length: 13 }, (_, n) => correlator.see(pod, 'Warning', 'Failed', `try ${n}`, n * second));
    expect(messages[9]?.message).toBe('try 9');
    expect(messages[10]?.message).toBe('(combined from similar events): try 10');
    expect([messages[10]?.count, messages[12]?.count]).toEqual([1, 3]);
    expect(messages[12]?.series).toBe(messages[10]?.series);
    expect(correlator.see(pod, 'Warning', 'Failed', 'later', 700 * second)?.message).toBe('later');
  });

  it('a flood about one object is cut at 25, then one per five minutes', () => {
    const correlator = new EventCorrelator('kubelet', undefined);
    const passed = Array.from({ length: 40 }, () => correlator.see(pod, 'Normal', 'Pulled', 'x', 0)).filter((each) => each !== undefined);
    expect(passed).toHaveLength(25);
    expect(correlator.see(pod, 'Normal', 'Pulled', 'x', 299 * second)).toBeUndefined();
    expect(correlator.see(pod, 'Normal', 'Pulled', 'x', 301 * second)).toBeDefined();
    expect(correlator.see(pod, 'Normal', 'Pulled', 'x', 302 * second)).toBeUndefined();
    expect(correlator.see({ ...pod, name: 'q' }, 'Normal', 'Pulled', 'x', 0)).toBeDefined();
  });
});
