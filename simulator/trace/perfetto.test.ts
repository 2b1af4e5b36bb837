import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seconds, type TraceRecord } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { applyManifests } from '../manifests/apply-manifests.ts';
import { loadManifests } from '../manifests/load-manifests.ts';
import { worldFactory } from '../wiring/container.ts';
import { perfetto, perfettoText, type TraceEvent } from './perfetto.ts';

const nodes = ['node-1', 'node-2'];
const world = worldFactory()({ nodes: nodes.map((name) => ({ name })), trace: { keep: true } });
const text = readFileSync(fileURLToPath(new URL('../../scenarios/hello/web.yaml', import.meta.url)), 'utf8');
world.kernel.complete(world.user, 'apply', applyManifests(world, loadManifests([{ file: 'web.yaml', text }]).objects, nodes));
world.kernel.run({ until: seconds(5) });
const records = world.recorder.kept;
const { traceEvents } = perfetto(records);

const place = { pid: z.int().positive(), tid: z.int().nonnegative() };
const time = z.int().nonnegative();
/** The fields that the format asks of each kind of event. */
const schema = z.discriminatedUnion('ph', [
  z.strictObject({
    ph: z.literal('X'),
    name: z.string().min(1),
    cat: z.string(),
    ts: time,
    dur: time,
    ...place,
    args: z.object({}).loose(),
  }),
  z.strictObject({
    ph: z.literal('i'),
    name: z.string().min(1),
    cat: z.string(),
    ts: time,
    s: z.literal('t'),
    ...place,
    args: z.object({}).loose(),
  }),
  z.strictObject({ ph: z.literal('s'), name: z.string(), cat: z.string(), id: z.int(), ts: time, ...place }),
  z.strictObject({ ph: z.literal('f'), name: z.string(), cat: z.string(), id: z.int(), ts: time, ...place, bp: z.literal('e') }),
  z.strictObject({
    ph: z.literal('M'),
    name: z.enum(['process_name', 'thread_name']),
    ts: z.literal(0),
    ...place,
    args: z.strictObject({ name: z.string().min(1) }),
  }),
]);

const onThreads = (events: readonly TraceEvent[]): ReadonlyMap<number, readonly TraceEvent[]> => {
  const threads = new Map<number, TraceEvent[]>();
  for (const event of events) threads.set(event.tid, [...(threads.get(event.tid) ?? []), event]);
  return threads;
};

describe('perfetto', () => {
  test('perfetto: the text is JSON with the fields of the trace event format', () => {
    const parsed = z
      .strictObject({ traceEvents: z.array(schema), displayTimeUnit: z.literal('ms') })
      .parse(JSON.parse(perfettoText(records)));
    expect(parsed.traceEvents.length).toBe(traceEvents.length);
  });

  test('perfetto: every call, write, decision, fault and log is there once', () => {
    const drawn = traceEvents.filter(({ ph }) => ph === 'X' || ph === 'i').map(({ args }) => args?.['seq']);
    const events = records.filter(({ kind }) => kind !== 'answer').map(({ seq }) => seq);
    expect([...drawn].sort((one, other) => Number(one) - Number(other))).toEqual(events);
  });

  test('perfetto: times of a thread never go back, and calls on it are nested', () => {
    for (const events of onThreads(traceEvents.filter(({ ph }) => ph !== 'M')).values()) {
      let latest = 0;
      const open: number[] = [];
      for (const { ph, ts, dur = 0, name } of events) {
        expect(ts).toBeGreaterThanOrEqual(latest);
        latest = ts;
        if (ph !== 'X') continue;
        while (open.length > 0 && (open.at(-1) ?? 0) <= ts) open.pop();
        if (open.length > 0 && dur > 0) expect(ts + dur, name).toBeLessThanOrEqual(open.at(-1) ?? 0);
        if (dur > 0) open.push(ts + dur);
      }
    }
  });

  test('perfetto: every arrow begins once and ends once, not before it began', () => {
    const starts = new Map(traceEvents.filter(({ ph }) => ph === 's').map((event) => [event.id, event]));
    const ends = traceEvents.filter(({ ph }) => ph === 'f');
    expect(ends.length).toBeGreaterThan(50);
    expect(starts.size).toBe(ends.length);
    for (const end of ends) expect(end.ts).toBeGreaterThanOrEqual(starts.get(end.id)?.ts ?? Number.POSITIVE_INFINITY);
  });

  test('perfetto: every thread and process has a name, and a node is a process of its own', () => {
    const names = traceEvents.filter(({ ph }) => ph === 'M');
    const threads = new Set(names.filter(({ name }) => name === 'thread_name').map(({ pid, tid }) => `${pid}/${tid}`));
    for (const { ph, pid, tid } of traceEvents) if (ph !== 'M') expect(threads).toContain(`${pid}/${tid}`);
    const processes = names.filter(({ name }) => name === 'process_name').map(({ args }) => args?.['name']);
    expect([...processes].sort()).toEqual(['control plane and cloud', 'node node-1', 'node node-2']);
  });

  test('perfetto: calls that overlap stand on lanes of their own; a call without an answer lasts until the end', () => {
    const call = (seq: number, at: number): TraceRecord => ({
      seq,
      at,
      actor: 'a',
      kind: 'call',
      name: 'x.Y/Z',
      subject: undefined,
      cause: 0,
      data: [],
    });
    const answer = (seq: number, at: number, cause: number): TraceRecord => ({
      ...call(seq, at),
      kind: 'answer',
      actor: 'b',
      cause,
      data: ['OK'],
    });
    const drawn = perfetto([call(1, 0), call(2, 5), answer(3, 10, 1), answer(4, 15, 2), call(5, 20), { ...call(6, 30), kind: 'log' }]);
    const calls = drawn.traceEvents.filter(({ ph }) => ph === 'X');
    expect(calls.map(({ ts, dur }) => [ts, dur])).toEqual([
      [0, 10],
      [5, 10],
      [20, 10],
    ]);
    expect(new Set(calls.slice(0, 2).map(({ tid }) => tid)).size).toBe(2);
  });
});
