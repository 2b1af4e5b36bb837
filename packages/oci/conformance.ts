import type { ConformanceCase } from '@slipway/kernel';
import { distributionDiscoveryCases } from './conformance/distribution-discovery.ts';
import { distributionManagementCases } from './conformance/distribution-management.ts';
import { distributionPullCases } from './conformance/distribution-pull.ts';
import { distributionPushCases } from './conformance/distribution-push.ts';
import { runtimeErrorCases } from './conformance/runtime-errors.ts';
import { runtimeHookCases } from './conformance/runtime-hooks.ts';
import { runtimeLifecycleCases } from './conformance/runtime-lifecycle.ts';
import type { OciSubject } from './conformance/subject.ts';

export { type Candidates, makeOciSubject } from './conformance/machine.ts';
export type { OciMachine, OciSubject } from './conformance/subject.ts';

/** A runtime is done when it passes these. */
export const ociRuntimeCases: readonly ConformanceCase<OciSubject>[] = [
  ...runtimeLifecycleCases,
  ...runtimeErrorCases,
  ...runtimeHookCases,
];

/** A registry is done when it passes these; names of the upstream cases are in each one's `source`. */
export const ociDistributionCases: readonly ConformanceCase<OciSubject>[] = [
  ...distributionPullCases,
  ...distributionPushCases,
  ...distributionDiscoveryCases,
  ...distributionManagementCases,
];

export const ociCases: readonly ConformanceCase<OciSubject>[] = [...ociRuntimeCases, ...ociDistributionCases];
