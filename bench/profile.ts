// Reads a .cpuprofile: which functions of the sources the time went to. `node profile.js FILE [COUNT]` prints them too.
import { existsSync, readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface FunctionTime {
  readonly name: string;
  /** `simulator/scheduler/scheduler.ts:120`, or what V8 calls its own work. */
  readonly place: string;
  /** Seconds in the function itself, and with all that it calls. */
  readonly self: number;
  readonly total: number;
}

/** The functions of a profile, those with the most time of their own first. */
export function functionTimes(file: string): FunctionTime[] {
  const { nodes, samples = [], startTime, endTime } = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile;
  const selfOf = new Map<number, number>();
  // Samples are counted, not weighed by the time between them: on a busy machine that is time of somebody else.
  const each = (endTime - startTime) / 1e6 / Math.max(1, samples.length);
  for (const id of samples) selfOf.set(id, (selfOf.get(id) ?? 0) + each);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const places = new Places();
  const found = new Map<string, { name: string; place: string; self: number; total: number }>();
  /** Total time counts once for a function that is on the stack several times. */
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const node = byId.get(id);
    if (!node || node.callFrame.functionName === '(idle)') return 0;
    const { callFrame } = node;
    const place = places.of(callFrame);
    const key = `${callFrame.functionName} ${place}`;
    const entry = found.get(key) ?? { name: callFrame.functionName || '(anonymous)', place, self: 0, total: 0 };
    found.set(key, entry);
    const inside = above.has(key) ? above : new Set([...above, key]);
    const self = selfOf.get(id) ?? 0;
    let total = self;
    for (const child of node.children ?? []) total += visit(child, inside);
    entry.self += self;
    if (!above.has(key)) entry.total += total;
    return total;
  };
  const root = nodes[0];
  if (root) visit(root.id, new Set());
  return [...found.values()].filter(({ name }) => name !== '(root)').sort((a, b) => b.self - a.self);
}

/** A table of the functions with the most time of their own. */
export function profileTable(file: string, count = 15): string {
  const times = functionTimes(file);
  const all = times.reduce((sum, { self }) => sum + self, 0);
  const share = (seconds: number): string => `${((seconds / all) * 100).toFixed(1)}%`.padStart(6);
  const lines = times.slice(0, count).map(({ name, place, self, total }) => `  ${share(self)} ${share(total)}  ${name}  ${place}`);
  return [`  ${all.toFixed(2)} s\n    self  total`, ...lines].join('\n');
}

/** Where bundled code comes from. */
class Places {
  readonly #maps = new Map<string, { readonly map: SourceMap; readonly folder: string } | undefined>();

  of({ url, lineNumber, columnNumber, functionName }: Profiler.Profile['nodes'][number]['callFrame']): string {
    if (url === '') return functionName.startsWith('(') ? '' : 'V8';
    const found = url.startsWith('file:') ? this.#map(fileURLToPath(url)) : undefined;
    if (!found) return url;
    const entry = found.map.findEntry(lineNumber, columnNumber);
    if (!('originalSource' in entry)) return url;
    return `${relative(process.cwd(), resolve(found.folder, entry.originalSource))}:${entry.originalLine + 1}`;
  }

  #map(file: string): { readonly map: SourceMap; readonly folder: string } | undefined {
    if (!this.#maps.has(file)) {
      const mapFile = `${file}.map`;
      const map = existsSync(mapFile) ? new SourceMap(JSON.parse(readFileSync(mapFile, 'utf8')) as SourceMapPayload) : undefined;
      this.#maps.set(file, map && { map, folder: dirname(file) });
    }
    return this.#maps.get(file);
  }
}

const [, script = '', file, count] = process.argv;
if (file !== undefined && script.endsWith('profile.js'))
  process.stdout.write(`${profileTable(file, count === undefined ? 40 : Number(count))}\n`);
