import type { Scalar, TraceRecord } from '@slipway/kernel';
import type { Correspondence } from './correspondence.ts';
import { areTimestamps } from './generated-ids.ts';

/** Fields that say which write it was, or who wrote: never what the object is. */
export const BOOKKEEPING: ReadonlySet<string> = new Set(['resourceVersion', 'uid', 'managedFields', 'creationTimestamp']);

/** Numbers that the API server draws by chance, where nobody asks for one. Whether there is one is a fact; which one it is, is not. */
const DRAWN: ReadonlySet<string> = new Set(['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort']);

/** Whether both have a drawn number; `None` is a choice. */
export function areDrawn(field: string, left: unknown, right: unknown): boolean {
  return DRAWN.has(field) && isDrawn(left) && isDrawn(right);
}

function isDrawn(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isDrawn);
  return typeof value === 'number' ? value > 0 : typeof value === 'string' && value !== '' && value !== 'None';
}

const REVISION = /^\d+$/;

/** A resourceVersion, as calls and answers of the API server have it. */
export const isRevision = (text: string): boolean => REVISION.test(text);

/** Whether two values say the same, but for moments, revisions and generated ids that correspond. Learns ids from texts that do. */
export function sameValue(left: unknown, right: unknown, ids: Correspondence): boolean {
  if (left === right && typeof left !== 'string') return true;
  if (typeof left === 'string' && typeof right === 'string') return areTimestamps(left, right) || ids.learn(left, right);
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right))
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => sameValue(item, right[index], ids))
    );
  const a = left as Readonly<Record<string, unknown>>;
  const b = right as Readonly<Record<string, unknown>>;
  for (const name in b) if (!BOOKKEEPING.has(name) && b[name] !== undefined && a[name] === undefined) return false;
  for (const name in a) {
    if (BOOKKEEPING.has(name) || a[name] === undefined || areDrawn(name, a[name], b[name])) continue;
    if (!sameValue(a[name], b[name], ids)) return false;
  }
  return true;
}

/**
 * Whether two events that stand for the same say the same. Of a write the object counts, if it was kept; revisions never do, since one write
 * more moves them all.
 */
export function sameData(left: TraceRecord, right: TraceRecord, ids: Correspondence): boolean {
  if (left.kind === 'write' && right.kind === 'write' && left.name.startsWith('api/')) {
    const [, leftDigest] = left.data;
    const [, rightDigest] = right.data;
    if (leftDigest === rightDigest) return true;
    if (leftDigest === 0 || rightDigest === 0) return false;
    return left.full === undefined || right.full === undefined || sameValue(left.full, right.full, ids);
  }
  if (left.data.length !== right.data.length) return false;
  const toServer = left.name.startsWith('api.');
  return left.data.every((value, index) => sameScalar(value, right.data[index], ids, toServer));
}

function sameScalar(left: Scalar, right: Scalar | undefined, ids: Correspondence, revisions: boolean): boolean {
  if (typeof left !== 'string' || typeof right !== 'string') return left === right;
  if (left === right && left.length < 7) return true;
  if (revisions && isRevision(left) && isRevision(right)) return true;
  return ids.learn(left, right);
}

/** Subjects are left out where an event is about nothing in particular. */
export function sameSubject(left: string | undefined, right: string | undefined, ids: Correspondence): boolean {
  return left === undefined || right === undefined ? left === right : ids.learn(left, right);
}
