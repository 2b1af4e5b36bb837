import { applyObjects } from '../../manifests/apply-manifests.ts';
import type { StepDocument } from '../schema.ts';
import { type StepKind, valueOf } from './step-kind.ts';

/** Its objects were loaded with the scenario; what is wrong with them was said then. */
export const applyStep: StepKind<NonNullable<StepDocument['apply']>> = {
  *perform(_document, { cluster, warn }, { objects }) {
    const warnings = yield* applyObjects(cluster, objects);
    for (const warning of warnings) warn?.(warning);
    return valueOf(objects.map(({ object }) => object.metadata.name));
  },
};
