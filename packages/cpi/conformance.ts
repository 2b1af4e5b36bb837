import type { ConformanceCase } from '@slipway/kernel';
import { balancerCases } from './conformance/balancers.ts';
import { instanceCases, routeCases } from './conformance/instances.ts';
import type { CpiSubject } from './conformance/subject.ts';

export type { CpiSubject } from './conformance/subject.ts';

/** What every cloud provider passes, ours or a visitor's; interfaces that it leaves out are skipped. */
export const cpiCases: readonly ConformanceCase<CpiSubject>[] = [...instanceCases, ...balancerCases, ...routeCases];
