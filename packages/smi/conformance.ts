import type { ConformanceCase } from '@slipway/kernel';
import { accessCases } from './conformance/access.ts';
import { injectionCases } from './conformance/injection.ts';
import { metricsCases } from './conformance/measuring.ts';
import { splitCases } from './conformance/splitting.ts';
import type { MeshSubject } from './conformance/subject.ts';

export { Bench as MeshBench } from './conformance/bench.ts';
export {
  account as meshAccount,
  rule as meshRule,
  split as meshSplit,
  target as meshTarget,
  tcpRoute as meshTcpRoute,
} from './conformance/objects.ts';
export { type MeshCapability, type MeshSubject, wellKnownOptIn } from './conformance/subject.ts';

/** What every mesh passes, ours or a visitor's; what it does without is skipped. */
export const meshCases: readonly ConformanceCase<MeshSubject>[] = [...injectionCases, ...splitCases, ...accessCases, ...metricsCases];
