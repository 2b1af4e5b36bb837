import { SourceMap, type SourceMapPayload } from 'node:module';
import { relative, resolve } from 'node:path';

// Transpiled plugins run from data URLs; this finds the line of the file that its author wrote.

/** Source maps by the URL of the transpiled code. One process serves one command, so nothing is ever removed. */
const MAPS = Symbol.for('@slipway/plugin-source-maps');

function maps(): Map<string, SourceMap> {
  const shared = globalThis as unknown as { [MAPS]?: Map<string, SourceMap> };
  return (shared[MAPS] ??= new Map<string, SourceMap>());
}

export function urlOf(code: string): string {
  return `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
}

export function rememberMap(code: string, map: string): void {
  if (map !== '') maps().set(urlOf(code), new SourceMap(JSON.parse(map) as SourceMapPayload));
}

/** `my-cni.ts:12:9`: where in a plugin's file the error was thrown; undefined when no plugin's code is on its stack. */
export function placeInPlugin(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const line of (error.stack ?? '').split('\n')) {
    const match = /(data:text\/javascript;base64,[A-Za-z0-9+/=]+):(\d+):(\d+)\)?$/.exec(line);
    const map = match?.[1] === undefined ? undefined : maps().get(match[1]);
    const entry = map?.findEntry(Number(match?.[2]) - 1, Number(match?.[3]) - 1);
    if (entry && 'originalSource' in entry)
      return `${relative('.', resolve(entry.originalSource))}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  }
  return undefined;
}
