import { seconds } from '@slipway/kernel';
import type { Event } from '@slipway/kube';
import { describe, expect, it, test } from 'vitest';
import { Court, problemsOf } from './test-claims.ts';

/** Reports an event, or the same one again. */
function report(court: Court, name: string, more: Partial<Event> = {}): Event {
  const there = court.world.server.peek('events', 'default', name) as Event | undefined;
  if (there) return court.run(court.api.events.update({ ...there, count: (there.count ?? 1) + 1 }));
  return court.run(
    court.api.events.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: 'default' },
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'web' },
      reason: 'FailedMount',
      type: 'Warning',
      message: 'timed out waiting for the condition',
      source: { component: 'kubelet', host: 'node-1' },
      count: 1,
      ...more,
    }),
  );
}

describe('event', () => {
  it('holds when such an event has been reported about the object', () => {
    const court = new Court();
    report(court, 'one');
    const event = { reason: 'FailedMount', type: 'Warning' as const, message: 'timed out', from: 'kubelet' };
    expect(court.say({ event, of: 'pod/web' })).toBe('true');
    expect(court.say({ event })).toBe('true');
    expect(court.say({ event: 'FailedMount', of: 'pod/other' })).toBe(
      'FailedMount about Pod default/other was not reported; about it there were no events; FailedMount was reported about Pod default/web',
    );
    expect(court.say({ event: 'FailedMount', of: 'pod/shop/web' })).toContain('was not reported');
    expect(court.say({ event: { ...event, from: 'scheduler' }, of: 'pod/web' })).toBe(
      'Warning FailedMount with "timed out" from scheduler about Pod default/web was not reported; the last FailedMount is Warning from kubelet: timed out waiting for the condition',
    );
  });

  it('takes the component that reports by its new name too, and cluster-wide objects by their name', () => {
    const court = new Court();
    report(court, 'one', {
      involvedObject: { kind: 'Node', name: 'node-1' },
      reason: 'NodeNotReady',
      source: {},
      reportingComponent: 'node-controller',
    });
    expect(court.say({ event: { reason: 'NodeNotReady', from: 'node-controller' }, of: 'node/node-1' })).toBe('true');
  });

  it('counts reports, also those that repeat an event', () => {
    const court = new Court();
    report(court, 'one');
    expect(court.say({ event: { reason: 'FailedMount', count: 3 } })).toBe('FailedMount was reported once, not 3 times');
    report(court, 'one');
    report(court, 'two');
    expect(court.say({ event: { reason: 'FailedMount', count: 3 } })).toBe('true');
  });

  it('counts only what was reported since the window began', () => {
    const court = new Court();
    report(court, 'one');
    court.world.pass(seconds(10));
    expect(court.say({ event: 'FailedMount' }, seconds(5))).toBe('FailedMount was not reported; there were no events');
    report(court, 'one');
    expect(court.say({ event: 'FailedMount' }, seconds(5))).toBe('true');
    court.run(court.api.events.delete({ namespace: 'default', name: 'one' }));
    expect(court.say({ event: { reason: 'FailedMount', count: 3 } })).toBe('FailedMount was reported 2 times, not 3 times');
  });

  it('names the last reasons about the object instead', () => {
    const court = new Court();
    for (const reason of ['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started', 'Killing'])
      report(court, reason.toLowerCase(), { reason });
    const verdict = court.verdict({ event: 'BackOff', of: 'pod/web' });
    report(court, 'late', { reason: 'Late' });
    expect(verdict.message).toBe(
      'BackOff about Pod default/web was not reported; about it there were Pulling, Pulled, Created, Started, Killing',
    );
  });
});

test.each([
  [{ event: {} }, 'event: this could never fail: every cluster reports some event | name a reason, a message, or the object with "of"'],
  [
    { event: { reason: 'A', count: 0 } },
    'event: this could never fail: everything is reported at least 0 times | leave count out, or write 1 or more',
  ],
  [
    { event: 'failed to mount' },
    'event: "failed to mount" is no reason: reasons are one word | write for example FailedMount, or { message: "…" } for part of the message',
  ],
  [{ event: 'Killing', of: 'pood/a' }, 'of: there is no kind "pood" | did you mean "pod/a"?'],
])('mistakes: %j is refused', (document, problem) => {
  expect(problemsOf(document)).toEqual([problem]);
});
