import type { ConformanceCase } from '@slipway/kernel';
import { accessCases } from './conformance/access.ts';
import { injectionCases } from './conformance/injection.ts';
import { metricsCases } from './conformance/measuring.ts';
import { splitCases } from './conformance/splitting.ts';
import type { MeshSubject } from './conformance/subject.ts';

export { type MeshCapability, type MeshSubject, wellKnownOptIn } from './conformance/subject.ts';

/** What every mesh passes, ours or a visitor's; what it does without is skipped. */
export const meshCases: readonly ConformanceCase<MeshSubject>[] = [...injectionCases, ...splitCases, ...accessCases, ...metricsCases];
