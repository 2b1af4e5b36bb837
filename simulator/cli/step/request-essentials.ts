import { shorten } from '../../explain/wording.ts';

/** How deep a request is looked into. */
const DEEPEST = 3;
/** Longer texts are scripts and configurations: they say more of themselves than of the call. */
const LONGEST_TEXT = 60;
/** The same in every call, or said by the subject. */
const USUAL: ReadonlySet<string> = new Set([
  'path',
  'IgnoreUnknown',
  'ociVersion',
  'cniVersion',
  'cwd',
  'oomScoreAdj',
  'searches',
  'options',
]);

/**
 * What a reader needs of a request, on one line: its texts and numbers, those at the top first.
 *
 * @param said what the line above says already.
 */
export function requestEssentials(request: unknown, said: string | undefined, width: number): string {
  const parts: string[] = [];
  const seen = new Set<unknown>([said, '', 0, false]);
  let level: readonly (readonly [key: string, value: unknown])[] = entriesOf(request);
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth += 1) {
    const deeper: (readonly [string, unknown])[] = [];
    for (const [key, value] of level) {
      if (USUAL.has(key) || key.startsWith('K8S_')) continue;
      const text = scalarText(value);
      if (text === undefined) deeper.push(...(Array.isArray(value) ? [] : entriesOf(value)));
      else if (!seen.has(value) && text.length <= LONGEST_TEXT) {
        seen.add(value);
        // Of a chain of plugins, which one.
        if (key === 'type') parts.unshift(`${key} ${text}`);
        else parts.push(`${key} ${text}`);
      }
    }
    level = deeper;
  }
  return fitted(parts, width);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) ? Object.entries(value) : [];
}

/** Undefined for what has parts. A list of a few texts is one. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return shorten(value);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) return shorten(value.join(' '));
  return undefined;
}

/** The parts for which there is room. */
function fitted(parts: readonly string[], width: number): string {
  const [first = ''] = parts;
  if (first.length > width) return `${first.slice(0, width - 1)}…`;
  let line = '';
  let isWhole = true;
  for (const part of parts) {
    const next = line === '' ? part : `${line}, ${part}`;
    if (next.length <= width - ROOM) line = next;
    else isWhole = false;
  }
  return isWhole ? line : `${line}, …`;
}

/** For the sign that something is left out. */
const ROOM = 3;
