import { SourceMap, type SourceMapPayload } from 'node:module';
import { relative, resolve } from 'node:path';
import { readPlacesWith } from '@slipway/kernel';

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
  if (map === '') return;
  maps().set(urlOf(code), new SourceMap(JSON.parse(map) as SourceMapPayload));
  // What the kernel says of a call that a plugin made has the plugin's own lines too.
  readPlacesWith(placeInStack);
}

/** `my-cni.ts:12:9`: where in a plugin's file the error was thrown; undefined when no plugin's code is on its stack. */
export function placeInPlugin(error: unknown): string | undefined {
  const { stack } = (error ?? {}) as { readonly stack?: unknown };
  return typeof stack === 'string' ? placeInStack(stack) : undefined;
}

function placeInStack(stack: string): string | undefined {
  for (const [, url, line, column] of stack.matchAll(PLACE)) {
    const place = placeOf(url, line, column);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** The text with places in plugins' files instead of URLs, which are as long as the plugin. */
export function withPlaces(text: string): string {
  return text
    .replace(PLACE, (_whole, url: string, line: string, column: string) => placeOf(url, line, column) ?? `a plugin:${line}:${column}`)
    .replace(URL_OF_CODE, 'a plugin');
}

const URL_OF_CODE = /data:text\/javascript;base64,[A-Za-z0-9+/=]+/g;
const PLACE = new RegExp(`(${URL_OF_CODE.source}):(\\d+):(\\d+)`, 'g');

function placeOf(url: string | undefined, line: string | undefined, column: string | undefined): string | undefined {
  const entry = maps()
    .get(url ?? '')
    ?.findEntry(Number(line) - 1, Number(column) - 1);
  if (!entry || !('originalSource' in entry)) return undefined;
  return `${relative('.', resolve(entry.originalSource))}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}
