import { parseDuration } from '@slipway/kernel';
import { type ScenarioDocument, type StepDocument, USUAL_NODES } from '../../scenario/schema.ts';
import { withoutChunks } from './chunks.ts';
import { simplerFaults } from './faults.ts';
import { simplerObjects } from './objects.ts';
import { type Pass, withSpec } from './pass.ts';
import { earlierTimes } from './times.ts';

const withSteps = (document: ScenarioDocument, steps: readonly StepDocument[]): ScenarioDocument =>
  withSpec(document, { steps: [...steps] });

/** When order and latencies may stop being chance. */
const UNTIL: readonly string[] = ['1s', '5s', '20s', '1m', '3m'];

/** Nothing is left to the seed but names. */
const explore: Pass = (document) => {
  const { explore: given } = document.spec;
  if (!given) return [];
  const { explore: _explore, ...rest } = document.spec;
  const without =
    (...keys: readonly (keyof typeof given)[]): (() => ScenarioDocument) =>
    () => {
      const left = Object.fromEntries(Object.entries(given).filter(([key]) => !(keys as readonly string[]).includes(key)));
      return withSpec(document, { explore: left });
    };
  const picks = Object.entries(given.picks ?? {});
  return [
    () => ({ ...document, spec: rest }),
    ...(given.order === undefined ? [] : [without('order', 'changes', 'picks')]),
    ...(given.heavyTail ? [without('heavyTail')] : []),
    ...(given.jitter ? [without('jitter', 'heavyTail')] : []),
    ...(given.changes !== undefined && given.changes > 1 ? [() => withSpec(document, { explore: { ...given, changes: 1 } })] : []),
    ...UNTIL.filter((until) => given.until === undefined || parseDuration(until) < parseDuration(given.until)).map(
      (until) => () => withSpec(document, { explore: { ...given, until } }),
    ),
    ...(picks.length > 1
      ? withoutChunks(picks).map((left) => () => withSpec(document, { explore: { ...given, picks: Object.fromEntries(left()) } }))
      : []),
  ];
};

const steps: Pass = (document) => withoutChunks(document.spec.steps ?? []).map((left) => () => withSteps(document, left()));

const expectations: Pass = (document) =>
  withoutChunks(document.spec.expect ?? []).map((left) => () => withSpec(document, { expect: left().length > 0 ? left() : undefined }));

const nodes: Pass = (document) => {
  const { cluster = {} } = document.spec;
  const groups = cluster.nodes ?? USUAL_NODES;
  const withGroups = (changed: typeof groups) => () => withSpec(document, { cluster: { ...cluster, nodes: [...changed] } });
  const fewer = groups.flatMap((group, index) => {
    const { count = 1 } = group;
    const counts = [...new Set([1, 2, Math.floor(count / 2), count - 1])].filter((wanted) => wanted >= 1 && wanted < count);
    return counts.map((wanted) => withGroups(groups.with(index, { ...group, count: wanted })));
  });
  return [...(groups.length > 1 ? withoutChunks(groups).map((left) => withGroups(left())) : []), ...fewer];
};

/** Whether ranges of addresses have to be so small. */
const ranges: Pass = (document) => {
  const { cluster } = document.spec;
  if (cluster?.nodeCIDRMaskSize === undefined) return [];
  const { nodeCIDRMaskSize: _size, ...rest } = cluster;
  return [() => withSpec(document, { cluster: rest })];
};

const seed: Pass = (document) => (Number(document.spec.seed ?? 1) <= 1 ? [] : [() => withSpec(document, { seed: 1 })]);

/** In this order: what takes most away comes first, and what only tidies up comes last. */
export const passes: readonly Pass[] = [steps, explore, nodes, expectations, earlierTimes, simplerFaults, ranges, simplerObjects, seed];
