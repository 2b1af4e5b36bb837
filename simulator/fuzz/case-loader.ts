import { loadScenario } from '../scenario/load-scenario.ts';
import type { Part, ScenarioDraft, ScenarioFiles } from '../scenario/read-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioDocument } from '../scenario/schema.ts';
import type { FuzzBase } from './base.ts';

/** A document that was drawn or shrunk names no files. */
const NO_FILES: ScenarioFiles = {
  read(path) {
    throw new Error(`${path} cannot be read here`);
  },
};

/** The scenario that a whole document is, checked as one from a file. @throws InputError, its places without lines */
export function loadCase(document: ScenarioDocument, { file, kinds, brought, invariantModules }: Omit<FuzzBase, 'document'>): Scenario {
  const { spec, metadata } = document;
  const place = { file, line: 0, column: 0 };
  const placeOf = (): typeof place => place;
  const parts = <D>(documents: readonly D[] = []): Part<D>[] => documents.map((each) => ({ document: each, file, placeOf }));
  const draft: ScenarioDraft = {
    name: metadata.name,
    teaches: '',
    file,
    spec,
    placeOf,
    cluster: spec.cluster ?? {},
    clusterPart: () => ({ place, file }),
    steps: parts(spec.steps),
    expectations: parts(spec.expect),
  };
  return loadScenario(draft, { files: NO_FILES, kinds, brought, ...(invariantModules ? { invariantModules } : {}) });
}
