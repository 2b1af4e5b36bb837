import { formatDuration, type Micros, parseDuration, seconds } from '@slipway/kernel';
import type { ScenarioDocument } from '../../scenario/schema.ts';
import { type Pass, withSpec } from './pass.ts';

/** Pauses between steps get shorter, and times rounder; the order stays. */
export const earlierTimes: Pass = (document) => {
  const steps = document.spec.steps ?? [];
  const { calm } = document.spec;
  const times: Micros[] = [];
  for (const { at } of steps) times.push(Math.max(times.at(-1) ?? 0, at === undefined ? (times.at(-1) ?? 0) : parseDuration(at)));
  const last = times.at(-1) ?? 0;
  /** All from the index on come so much earlier. */
  const earlier = (index: number, by: Micros) => (): ScenarioDocument =>
    withSpec(document, {
      steps: steps.map((step, place) =>
        place < index || step.at === undefined ? step : { ...step, at: formatDuration((times[place] ?? 0) - by) },
      ),
    });
  const shorter = times.flatMap((time, index) => {
    const gap = time - (times[index - 1] ?? 0);
    if (steps[index]?.at === undefined || gap === 0) return [];
    return GAPS.filter((wanted) => wanted < gap).map((wanted) => earlier(index, gap - wanted));
  });
  const rounder = times.flatMap((time, index) => {
    const rest = time % seconds(1);
    const before = times[index - 1] ?? 0;
    return rest === 0 || time - rest < before ? [] : [earlier(index, rest)];
  });
  const soon = calm && parseDuration(calm.from) > last ? [() => withSpec(document, { calm: { ...calm, from: formatDuration(last) } })] : [];
  return [...soon, ...shorter, ...rounder];
};

const GAPS: readonly Micros[] = [0, seconds(1), seconds(5), seconds(10), seconds(30), seconds(60)];
