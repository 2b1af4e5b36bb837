import type { ScenarioDocument } from '../../scenario/schema.ts';

/** Documents that say less than the one given, the boldest first. Made when they are asked for. */
export type Pass = (document: ScenarioDocument) => readonly (() => ScenarioDocument)[];

/** The same document with another spec. */
export function withSpec(document: ScenarioDocument, change: Partial<ScenarioDocument['spec']>): ScenarioDocument {
  const spec = { ...document.spec, ...change };
  return { ...document, spec: Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as typeof spec };
}
