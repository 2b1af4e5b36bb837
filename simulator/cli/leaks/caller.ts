import { placeInPlugin } from '../input/plugin-places.ts';

/** A place in code that was loaded from a data URL, as somebody's own modules are. */
export interface Caller {
  readonly url: string;
  readonly line: number;
  readonly column: number;
}

/** A guard, and what is native between it and its caller. */
const DEPTH = 5;
const OWN_MODULE = 'data:text/javascript;base64,';

/**
 * Who called a guard. Only the nearest code counts: what the simulator or Node itself does on behalf of a plugin is no leak.
 *
 * @param below the function that the guard called: the guard is the first frame after it
 * @returns undefined where it is not a module of somebody's own
 */
export function callerOutside(below: (...given: never[]) => unknown): Caller | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  let sites: readonly NodeJS.CallSite[] = [];
  // Call sites instead of a text: URLs are as long as the plugins.
  Error.prepareStackTrace = (_error, found) => found;
  Error.stackTraceLimit = DEPTH;
  try {
    Error.captureStackTrace(holder, below);
    if (Array.isArray(holder.stack)) sites = holder.stack as NodeJS.CallSite[];
  } finally {
    Error.prepareStackTrace = prepareStackTrace as NonNullable<typeof prepareStackTrace>;
    Error.stackTraceLimit = stackTraceLimit;
  }
  for (const site of sites.slice(1)) {
    const url = site.getFileName() ?? undefined;
    if (url === undefined && site.isEval()) return evaluated(site.getEvalOrigin());
    // Native code, such as that of `map(Math.random)`.
    if (url === undefined) continue;
    if (!url.startsWith(OWN_MODULE)) return undefined;
    return { url, line: site.getLineNumber() ?? 1, column: site.getColumnNumber() ?? 1 };
  }
  return undefined;
}

/** Code made of a text, by where the text was evaluated: `eval at add (data:…:12:3)`. */
function evaluated(origin: string | undefined): Caller | undefined {
  const [, url, line, column] = /(data:text\/javascript;base64,[A-Za-z0-9+/=]+):(\d+):(\d+)\)+$/.exec(origin ?? '') ?? [];
  return url === undefined ? undefined : { url, line: Number(line), column: Number(column) };
}

/** By URL, then line and column: a plugin that leaks does so often. */
const known = (): Map<string, Map<number, string>> => {
  const shared = globalThis as unknown as { [KNOWN]?: Map<string, Map<number, string>> };
  return (shared[KNOWN] ??= new Map());
};
const KNOWN = Symbol.for('@slipway/leak-places');

/** `my-network.ts:12:20`; undefined for code that is not an author's. */
export function placeOf({ url, line, column }: Caller): string | undefined {
  let places = known().get(url);
  if (!places) known().set(url, (places = new Map()));
  const key = line * 100_000 + column;
  const before = places.get(key);
  if (before !== undefined) return before === '' ? undefined : before;
  const place = placeInPlugin({ stack: `${url}:${line}:${column}` });
  places.set(key, place ?? '');
  return place;
}
