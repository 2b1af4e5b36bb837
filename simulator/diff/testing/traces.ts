import type { TraceKind, TraceRecord } from '@slipway/kernel';
import fc from 'fast-check';

const PODS = ['default/web-nnvt9', 'default/web-4pt87'];

/** A small trace: every event follows from an earlier one or from nothing, and none comes before its cause. */
export const arbitraryTrace: fc.Arbitrary<readonly TraceRecord[]> = fc
  .array(
    fc.record({
      back: fc.nat({ max: 6 }),
      wait: fc.nat({ max: 3 }),
      actor: fc.constantFrom('kubelet/node-1', 'kubelet/node-2', 'kube-scheduler'),
      kind: fc.constantFrom<TraceKind>('call', 'decision', 'fault'),
      name: fc.constantFrom('cri.RuntimeService/RunPodSandbox', 'cni.Plugin/Add', 'scheduler/schedule'),
      subject: fc.constantFrom(undefined, 'default/web-0', ...PODS),
      data: fc.array(fc.constantFrom('pods', 'OK', 3, true), { maxLength: 2 }),
    }),
    { maxLength: 40 },
  )
  .map((drafts) => {
    let at = 0;
    return drafts.map(({ back, wait, ...event }, index) => {
      at += wait * 1_000;
      return { ...event, seq: index + 1, at, cause: Math.max(0, index + 1 - 1 - back) };
    });
  });
