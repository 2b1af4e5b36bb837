import type { FaultDocument, StepDocument } from '../../scenario/schema.ts';
import { type Pass, withSpec } from './pass.ts';

/** What a fault says of how often, where and how long, most of it unneeded. */
const DETAILS = ['for', 'node', 'after', 'from', 'about', 'rate', 'times'] as const;

/** Faults that strike once, or always, are easier to read than those that strike by chance. */
export const simplerFaults: Pass = (document) => {
  const steps = document.spec.steps ?? [];
  const withStep = (index: number, step: StepDocument) => () => withSpec(document, { steps: steps.with(index, step) });
  return steps.flatMap((step, index) => [
    ...(step.fault ? simpler(step.fault).map((fault) => withStep(index, { ...step, fault })) : []),
    ...(step.restart ? without(step.restart, ['down', 'keepState']).map((restart) => withStep(index, { ...step, restart })) : []),
    ...(step.nodeFault ? without(step.nodeFault, ['for']).map((nodeFault) => withStep(index, { ...step, nodeFault })) : []),
    ...(step.partition ? without(step.partition, ['direction', 'from']).map((partition) => withStep(index, { ...step, partition })) : []),
  ]);
};

function simpler(fault: FaultDocument): readonly FaultDocument[] {
  const { rate: _rate, ...always } = fault;
  const once = fault.rate === undefined && (fault.times ?? 1) === 1 ? [] : [{ ...always, times: 1 }];
  return [...once, ...without(fault, DETAILS)];
}

function without<D extends object>(document: D, keys: readonly (keyof D & string)[]): readonly D[] {
  return keys
    .filter((key) => document[key] !== undefined)
    .map((key) => Object.fromEntries(Object.entries(document).filter(([name]) => name !== key)) as D);
}
