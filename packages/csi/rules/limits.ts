import { byteLength } from '@slipway/host';

// Sizes that hold for every message. Source: CSI 1.12, "Size Limits"; exceptions are in the comments of csi.proto.

/** Bytes that a text may have. */
export const STRING_BYTES = 128;
/** Bytes that all keys and values of a map may have together; of mount flags likewise. */
export const MAP_BYTES = 4096;
/** Bytes that a node's id may have, where a node tells it and, since it has to match, wherever it is named. */
const NODE_ID_BYTES = 256;

/** As long as the system's paths may be. */
const PATHS: ReadonlySet<string> = new Set(['stagingTargetPath', 'targetPath', 'volumePath']);
const NODE_IDS: ReadonlySet<string> = new Set(['nodeId', 'publishedNodeIds']);
const MAPS: ReadonlySet<string> = new Set([
  'parameters',
  'mutableParameters',
  'secrets',
  'volumeContext',
  'publishContext',
  'segments',
  'manifest',
]);
/** Numbers that csi.proto does not bind to 0 and above; a driver answers OUT_OF_RANGE to a negative offset. */
const SIGNED: ReadonlySet<string> = new Set(['startingOffset', 'maxResults']);

/** What in a message, at any depth, exceeds the limits; undefined if nothing does. */
export function beyondLimits(message: object): string | undefined {
  for (const [field, value] of Object.entries(message)) {
    const wrong = MAPS.has(field) ? mapWrong(field, value) : valueWrong(field, value);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function valueWrong(field: string, value: unknown): string | undefined {
  if (typeof value === 'string') return stringWrong(field, value);
  if (typeof value === 'number') return numberWrong(field, value);
  if (Array.isArray(value)) return listWrong(field, value);
  if (typeof value === 'object' && value !== null) return beyondLimits(value);
  return undefined;
}

function stringWrong(field: string, text: string): string | undefined {
  if (PATHS.has(field)) return undefined;
  const limit = NODE_IDS.has(field) ? NODE_ID_BYTES : STRING_BYTES;
  // No UTF-16 unit takes more than three bytes.
  if (text.length * 3 <= limit || byteLength(text) <= limit) return undefined;
  return `${field} must have at most ${limit} bytes, not ${byteLength(text)}`;
}

function numberWrong(field: string, value: number): string | undefined {
  if (Number.isSafeInteger(value) && (value >= 0 || SIGNED.has(field))) return undefined;
  return `${field} must be a whole number from ${SIGNED.has(field) ? '-(2^53 - 1)' : '0'} to 2^53 - 1, not ${value}`;
}

function listWrong(field: string, items: readonly unknown[]): string | undefined {
  if (field === 'mountFlags') {
    const bytes = items.reduce<number>((sum, flag) => sum + byteLength(String(flag)), 0);
    return bytes <= MAP_BYTES ? undefined : `mountFlags must have at most ${MAP_BYTES} bytes in total, not ${bytes}`;
  }
  for (const item of items) {
    const wrong = valueWrong(field, item);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function mapWrong(field: string, map: unknown): string | undefined {
  if (map === undefined) return undefined;
  if (typeof map !== 'object' || map === null) return `${field} must be a map`;
  let bytes = 0;
  for (const [key, value] of Object.entries(map)) {
    // The value itself is not told: it may be a secret.
    if (typeof value !== 'string') return `${field}.${key} must be a string`;
    bytes += byteLength(key) + byteLength(value);
  }
  return bytes <= MAP_BYTES ? undefined : `${field} must have at most ${MAP_BYTES} bytes in total, not ${bytes}`;
}
