import { balancerCases } from './conformance/balancers.ts';
import { diskCases } from './conformance/disks.ts';
import { fileSystemCases } from './conformance/file-systems.ts';
import { instanceCases } from './conformance/instances.ts';
import type { CloudCase } from './conformance/subject.ts';

export type { CloudCase, CloudSubject } from './conformance/subject.ts';

/** What every cloud passes, ours or a visitor's. */
export const cloudCases: readonly CloudCase[] = [...instanceCases, ...diskCases, ...fileSystemCases, ...balancerCases];
