/** Letters and digits of which Kubernetes makes the ends of generated names (apimachinery, util/rand). */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Parts of a text that only name something and may be another in another run. In order: digests of content (kept as they are), uids,
 * hardware addresses, hexadecimal ids and what clouds make of them, interfaces, and the random ends of generated names.
 */
const GENERATED = new RegExp(
  [
    '(sha256:[0-9a-f]{64})',
    '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
    '(?:[0-9a-f]{2}:){5}[0-9a-f]{2}',
    '(?<![0-9a-zA-Z])[0-9a-f]{12,64}(?![0-9a-zA-Z])',
    '(?<=\\bveth)[0-9a-f]{8}\\b',
    // What a balancer's host name ends with, and the chance in the identity of a provisioner.
    '(?<=\\b[0-9a-f]{32}-)\\d{6,10}\\b',
    '(?<=\\b\\d{13}-)\\d{1,5}(?=-)',
    `(?<=[a-z0-9]-)(?:[${SAFE}]{8,10}|[${SAFE}]{5})(?![0-9a-zA-Z])`,
  ].join('|'),
  'g',
);
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;
/** RFC 3339, as objects have it. */
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const HOLE = '…';

/** A text as what it says and whom it names. */
export interface SplitText {
  /** The text with a hole in place of each generated id: `default/web-…-…`. */
  readonly shape: string;
  /** What was in the holes. */
  readonly ids: readonly string[];
}

const NO_IDS: readonly string[] = [];

/** Takes a text apart. Ids of another run stand in the same places of a text of the same shape. */
export function splitIds(text: string): SplitText {
  // Nothing shorter holds an id.
  if (text.length < 7) return { shape: text, ids: NO_IDS };
  const ids: string[] = [];
  const shape = text.replace(GENERATED, (found, digest: string | undefined) => {
    if (digest !== undefined) return found;
    ids.push(found);
    return HOLE;
  });
  return { shape, ids };
}

/** What a text is about, whatever run it comes from: without generated ids and addresses. `default/web-…-…` */
export function roleName(text: string): string {
  return splitIds(text).shape.replace(ADDRESS, HOLE);
}

/** Whether both are moments: they say when something happened, which is compared elsewhere. */
export function areTimestamps(left: string, right: string): boolean {
  return TIMESTAMP.test(left) && TIMESTAMP.test(right);
}
