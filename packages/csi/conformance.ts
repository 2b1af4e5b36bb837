import { controllerReadCases } from './conformance/controller-reads.ts';
import { createDeleteCases } from './conformance/create-delete.ts';
import { dataCases } from './conformance/data.ts';
import { expandModifyCases } from './conformance/expand-modify.ts';
import { groupCases } from './conformance/groups.ts';
import { identityCases } from './conformance/identity.ts';
import { lifeCases } from './conformance/life.ts';
import { nodeCallCases } from './conformance/node-calls.ts';
import { orderCases } from './conformance/orders.ts';
import { publishCases } from './conformance/publish.ts';
import { snapshotMetadataCases } from './conformance/snapshot-metadata.ts';
import { snapshotCases } from './conformance/snapshots.ts';
import type { CsiCase } from './conformance/subject.ts';

export { Bench as CsiBench, type Use as CsiUse } from './conformance/bench.ts';
export type { CsiCase, CsiSubject, CsiSubjectNode } from './conformance/subject.ts';

/** What every storage driver passes, ours or a visitor's; what a driver does not report is skipped. */
export const csiCases: readonly CsiCase[] = [
  ...identityCases,
  ...controllerReadCases,
  ...createDeleteCases,
  ...publishCases,
  ...expandModifyCases,
  ...snapshotCases,
  ...groupCases,
  ...snapshotMetadataCases,
  ...nodeCallCases,
  ...lifeCases,
  ...dataCases,
  ...orderCases,
];
