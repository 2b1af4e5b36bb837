import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventQueue, Scheduled } from './event-queue.ts';

class Named extends Scheduled {
  readonly name: number;
  constructor(name: number) {
    super();
    this.name = name;
  }
  fire(): void {}
}

/** Everything that is left, in the order in which the kernel would handle it. */
function drain(queue: EventQueue): number[] {
  const names: number[] = [];
  for (;;) {
    const event = queue.takeReady() as Named | undefined;
    if (event) names.push(event.name);
    else if (queue.collect(queue.nextTime) === 'none') return names;
  }
}

describe('event queue', () => {
  const push = fc.record({ at: fc.nat(20), late: fc.boolean() });

  test('order: by time, then late after ordinary, then first in first out, whatever was removed meanwhile', () => {
    fc.assert(
      fc.property(fc.array(push, { maxLength: 200 }), fc.array(fc.nat(199)), (pushes, removals) => {
        const queue = new EventQueue();
        const events = pushes.map(({ at, late }, name) => {
          const event = new Named(name);
          queue.push(event, at, late);
          return { event, at, late, name };
        });
        const removed = new Set(removals.filter((index) => index < events.length));
        for (const index of removed) queue.remove((events[index] as { event: Named }).event);
        const expected = events
          .filter((_, index) => !removed.has(index))
          .sort((a, b) => a.at - b.at || Number(a.late) - Number(b.late) || a.name - b.name)
          .map(({ name }) => name);
        expect(drain(queue)).toEqual(expected);
      }),
    );
  });

  test('remove: a cancelled timer leaves nothing behind and never moves the clock', () => {
    const queue = new EventQueue();
    const event = new Named(1);
    queue.push(event, 50, false);
    queue.remove(event);
    expect(queue.size).toBe(0);
    expect(queue.nextTime).toBe(Number.POSITIVE_INFINITY);
  });

  test('ready events: first in first out, also when one is removed and when there are thousands', () => {
    const queue = new EventQueue();
    const events = Array.from({ length: 10_000 }, (_, name) => new Named(name));
    for (const event of events) queue.pushReady(event);
    queue.remove(events[3] as Named);
    expect(drain(queue)).toEqual(events.map(({ name }) => name).filter((name) => name !== 3));
  });

  test('chosen: takes each ready event exactly once', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.infiniteStream(fc.nat()), (count, chances) => {
        const queue = new EventQueue();
        for (let name = 0; name < count; name++) queue.pushReady(new Named(name));
        const names: number[] = [];
        for (let event = queue.takeChosen(pick); event; event = queue.takeChosen(pick)) names.push((event as Named).name);
        expect(names.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, name) => name));
        function pick(ready: readonly Scheduled[]): number {
          return (chances.next().value as number) % ready.length;
        }
      }),
    );
  });
});
