import type { TraceRecord } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignRuns } from './align-runs.ts';
import { callDifferences } from './call-differences.ts';
import { firstDifference } from './first-difference.ts';
import { arbitraryTrace } from './testing/traces.ts';

const event = (seq: number, cause: number, over: Partial<TraceRecord> = {}): TraceRecord => ({
  seq,
  at: seq * 1_000,
  actor: 'kubelet/node-1',
  kind: 'call',
  name: 'cri.RuntimeService/RunPodSandbox',
  subject: undefined,
  cause,
  data: [],
  ...over,
});

describe('a run and itself', () => {
  it('every event is its own partner, and nothing differs', () => {
    fc.assert(
      fc.property(arbitraryTrace, (trace) => {
        const alignment = alignRuns(trace, trace);
        expect(alignment.pairs.map(({ left, right }) => [left.seq, right.seq])).toEqual(trace.map(({ seq }) => [seq, seq]));
        expect(alignment.pairs.every(({ sameData }) => sameData)).toBe(true);
        expect(firstDifference(alignment)).toBeUndefined();
        expect(callDifferences(alignment)).toMatchObject({ methods: [], onlyLeft: [], onlyRight: [] });
      }),
    );
  });

  it('with other random names: the same still', () => {
    fc.assert(
      fc.property(arbitraryTrace, (trace) => {
        const renamed = trace.map((one) => (one.subject === undefined ? one : { ...one, subject: RENAMED[one.subject] ?? one.subject }));
        const alignment = alignRuns(trace, renamed);
        expect(firstDifference(alignment)).toBeUndefined();
        expect(alignment.pairs).toHaveLength(trace.length);
      }),
    );
  });
});

const RENAMED: Readonly<Record<string, string>> = { 'default/web-nnvt9': 'default/web-xx2x4', 'default/web-4pt87': 'default/web-nnvt9' };

describe('two runs', () => {
  it('left and right swapped: the mirrored result', () => {
    fc.assert(
      fc.property(arbitraryTrace, arbitraryTrace, (left, right) => {
        const forth = alignRuns(left, right);
        const back = alignRuns(right, left);
        const pairs = (list: typeof forth.pairs, mirrored: boolean): string[] =>
          list.map((pair) => (mirrored ? `${pair.right.seq} ${pair.left.seq}` : `${pair.left.seq} ${pair.right.seq}`)).sort();
        expect(pairs(back.pairs, true)).toEqual(pairs(forth.pairs, false));
        const first = firstDifference(forth);
        const mirrored = firstDifference(back);
        expect([mirrored?.same, mirrored?.at, mirrored?.right, mirrored?.left]).toEqual([
          first?.same,
          first?.at,
          first?.left,
          first?.right,
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('each event has one partner at most, and both are of one kind and name', () => {
    fc.assert(
      fc.property(arbitraryTrace, arbitraryTrace, (left, right) => {
        const { pairs } = alignRuns(left, right);
        expect(new Set(pairs.map((pair) => pair.left)).size).toBe(pairs.length);
        expect(new Set(pairs.map((pair) => pair.right)).size).toBe(pairs.length);
        for (const { left: a, right: b } of pairs) expect([b.kind, b.name]).toEqual([a.kind, a.name]);
      }),
    );
  });

  it('the first difference is the first: up to it the runs are the same event for event, there they are not', () => {
    fc.assert(
      fc.property(arbitraryTrace, fc.nat(), fc.constantFrom('at', 'data', 'cut'), (trace, place, what) => {
        fc.pre(trace.length > 0);
        const index = place % trace.length;
        const changed = trace.flatMap((one, position) => {
          if (position < index) return [one];
          if (what === 'cut') return [];
          // Whatever follows a later event is later too.
          if (what === 'at') return [{ ...one, at: one.at + 7 }];
          return [position === index ? { ...one, data: [...one.data, 'changed'] } : one];
        });
        const first = firstDifference(alignRuns(trace, changed));
        expect(first?.same).toBe(index);
        expect(first?.sameUntil).toBe(trace[index - 1]?.at ?? 0);
        expect(first?.left).toBe(trace[index]);
        expect(first?.at).toBe(trace[index]?.at);
      }),
    );
  });
});

describe('alignment by cause', () => {
  it('one call more on one side moves no other', () => {
    const left = [
      event(1, 0, { subject: 'default/a' }),
      event(2, 1, { name: 'cni.Plugin/Add' }),
      event(3, 2, { name: 'oci.Runtime/Create' }),
    ];
    const right = [
      event(1, 0, { subject: 'default/a' }),
      event(2, 1, { name: 'oci.Distribution/GetManifest' }),
      event(3, 1, { name: 'cni.Plugin/Add' }),
      event(4, 3, { name: 'oci.Runtime/Create' }),
    ];
    const alignment = alignRuns(left, right);
    expect(alignment.pairs.map((pair) => [pair.left.seq, pair.right.seq])).toEqual([
      [1, 1],
      [2, 3],
      [3, 4],
    ]);
    expect(firstDifference(alignment)).toMatchObject({ kind: 'only right', same: 1, at: 2_000, left: undefined, right: right[1] });
    expect(callDifferences(alignment).onlyRight).toEqual([{ method: 'oci.Distribution/GetManifest', count: 1, example: right[1] }]);
  });

  it('a plugin that answers in the place of another has its role', () => {
    const run = (plugin: string, took: number): TraceRecord[] => [
      event(1, 0, { actor: 'containerd/node-1', name: 'cni.Plugin/Add' }),
      event(2, 1, { actor: `${plugin}/node-1`, kind: 'answer', name: 'cni.Plugin/Add', at: 1_000 + took, data: ['OK'] }),
      event(3, 0, { actor: `${plugin}-agent/node-1`, name: 'api.Server/List', at: 9_000, data: ['nodes'] }),
    ];
    expect(firstDifference(alignRuns(run('flannel', 500), run('bridge', 500)))).toBeUndefined();
    const slower = alignRuns(run('flannel', 500), run('bridge', 800));
    expect(firstDifference(slower)).toMatchObject({ kind: 'time', same: 1, sameUntil: 1_000, at: 1_500 });
    expect(slower.pairs).toHaveLength(3);
  });

  it('the same done on another node is the same, done by somebody else', () => {
    const run = (node: string): TraceRecord[] => [
      event(1, 0, { actor: 'kube-scheduler', kind: 'decision', name: 'scheduler/schedule', subject: 'default/a', data: [node] }),
      event(2, 1, { actor: `kubelet/${node}`, subject: 'default/a' }),
      event(3, 2, { actor: `containerd/${node}`, name: 'cni.Plugin/Add', subject: 'default/a' }),
    ];
    const { pairs } = alignRuns(run('node-1'), run('node-2'));
    expect(pairs.map(({ left, right, sameData }) => [left.seq, right.seq, sameData])).toEqual([
      [1, 1, false],
      [2, 2, false],
      [3, 3, false],
    ]);
  });

  it('what is known to be about something else is no partner', () => {
    const box = (digit: string): string => digit.repeat(64);
    const run = (sandbox: string, container: string, withSandbox: boolean): TraceRecord[] => [
      event(1, 0, { subject: 'default/a' }),
      event(2, 1, { kind: 'answer', subject: 'default/a', data: ['OK', sandbox] }),
      ...(withSandbox ? [event(3, 1, { name: 'oci.Runtime/Create', subject: sandbox, at: 5_000 })] : []),
      event(4, withSandbox ? 3 : 1, { name: 'oci.Runtime/Create', subject: container, at: 6_000 }),
    ];
    const alignment = alignRuns(run(box('a'), box('b'), true), run(box('c'), box('d'), false));
    expect(alignment.rightOf.get(3)).toBeUndefined();
    expect(alignment.rightOf.get(4)?.seq).toBe(4);
  });
});
