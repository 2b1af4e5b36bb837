import type { ConformanceCase } from '@slipway/kernel';
import { addCases } from './conformance/add.ts';
import { delCases } from './conformance/del.ts';
import { orderCases } from './conformance/orders.ts';
import type { CniSubject } from './conformance/subject.ts';
import { upkeepCases } from './conformance/upkeep.ts';

export { capacityOf } from './conformance/capacity.ts';
export { type CniSubject, LostAddress } from './conformance/subject.ts';

/** What every network plugin passes, ours or a visitor's; verbs that it leaves out are skipped. */
export const cniCases: readonly ConformanceCase<CniSubject>[] = [...addCases, ...delCases, ...upkeepCases, ...orderCases];
