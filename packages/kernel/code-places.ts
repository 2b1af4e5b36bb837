/** Where whoever runs transpiled code leaves what reads its stacks; by name, so that two copies of this package agree. */
const READER = Symbol.for('@slipway/kernel/code-places');

/** Finds in a stack the place that the author of the running code wrote: `my-disk.ts:34:12`; undefined when none of it is theirs. */
export type PlaceReader = (stack: string) => string | undefined;

/** Reads stacks from now on: for whoever runs code from elsewhere than the file that was written. */
export function readPlacesWith(reader: PlaceReader): void {
  (globalThis as unknown as { [READER]?: PlaceReader })[READER] = reader;
}

/**
 * Where a call was made, from a stack whose first frame is the client's own method: `file:line:column`, or undefined where the engine keeps no
 * stacks.
 */
export function codePlace(stack: string | undefined): string | undefined {
  if (stack === undefined) return undefined;
  const written = (globalThis as unknown as { [READER]?: PlaceReader })[READER]?.(stack);
  if (written !== undefined) return written;
  const frames = stack.split('\n').filter((line) => line.trimStart().startsWith('at '));
  const place = frames[1] === undefined ? undefined : /([^\s()]+:\d+:\d+)\)?$/.exec(frames[1])?.[1];
  // Code in a URL is as long as the code.
  return place?.replace(/^file:\/\//, '').replace(/^data:[^:]*/, 'code from a URL');
}
