import { closeSync, openSync, realpathSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import type { TraceRecord } from '@slipway/kernel';
import { fullTraceLine, mermaid, otelText, perfettoText, textLine } from '../../trace/index.ts';
import { type TraceFormat, traceFormats } from './trace-formats.ts';
import { UsageError } from '../usage-error.ts';

const BY_ENDING: Readonly<Record<string, TraceFormat>> = {
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'ndjson',
  mmd: 'mermaid',
  mermaid: 'mermaid',
  txt: 'text',
  log: 'text',
};

/** By the ending of the file, unless a format is given. @throws UsageError for a format or an ending that there is not. */
export function traceFormat(file: string, format: string | undefined): TraceFormat {
  if (format !== undefined) {
    if ((traceFormats as readonly string[]).includes(format)) return format as TraceFormat;
    throw new UsageError(`there is no trace format "${format}"`, `formats are ${traceFormats.join(', ')}`);
  }
  if (/\.perfetto(\.json)?$/.test(file)) return 'perfetto';
  if (/\.(otel|otlp)(\.json)?$/.test(file)) return 'otel';
  const name = basename(file);
  const found = BY_ENDING[extname(name).slice(1).toLowerCase()];
  // What has no ending is a device, a pipe, or a name that tells nothing: lines of text suit all of them.
  if (found === undefined && extname(name) !== '')
    throw new UsageError(
      `--trace ${file}: no format goes with the ending ${extname(name)}`,
      `write .ndjson, .txt, .mmd, .perfetto.json or .otel.json, or add --format ${traceFormats.join('|')}`,
    );
  return found ?? 'text';
}

/** @throws UsageError when the trace would be written over a manifest. */
export function refuseInput(trace: string, paths: readonly string[]): void {
  const target = realPath(trace);
  const over = paths.find(
    (path) => realPath(path) === target || (/\.(ya?ml|json)$/.test(trace) && realPath(path) === realPath(dirname(trace))),
  );
  if (over === undefined || target === undefined) return;
  throw new UsageError(`--trace ${trace} would be written over a manifest`, 'name another file, for example --trace trace.ndjson');
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'there is no permission',
  EPERM: 'there is no permission',
  EROFS: 'the disk is read-only',
};

/** Characters that are gathered before a write. */
const CHUNK = 1 << 20;

/** Formats that need the whole trace. */
const DRAWN: { readonly [format in TraceFormat]?: (records: readonly TraceRecord[]) => string } = {
  mermaid,
  perfetto: perfettoText,
  otel: (records) => otelText(records),
};

/** Writes a trace while it happens; a picture is drawn at the end. */
export class TraceFile {
  readonly #format: TraceFormat;
  readonly #full: boolean;
  readonly #file: number;
  readonly #kept: TraceRecord[] = [];
  #buffer = '';

  /** @param full whether `ndjson` has whole requests, answers and objects as `data`; else its lines are those of the fingerprint. */
  constructor(path: string, format: TraceFormat, full: boolean) {
    this.#format = format;
    this.#full = full;
    try {
      this.#file = openSync(path, 'w');
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      const reason = path === '' ? 'the name is empty' : (REASONS[code] ?? message);
      throw new UsageError(`--trace ${path} cannot be written: ${reason}`, 'name a file in a folder that exists');
    }
  }

  add(record: TraceRecord, line: string): void {
    if (DRAWN[this.#format]) {
      this.#kept.push(record);
      return;
    }
    this.#buffer += `${this.#format === 'text' ? textLine(record) : this.#full ? fullTraceLine(record) : line}\n`;
    if (this.#buffer.length > CHUNK) this.#flush();
  }

  close(): void {
    const draw = DRAWN[this.#format];
    if (draw) writeFileSync(this.#file, draw(this.#kept));
    else this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    writeSync(this.#file, this.#buffer);
    this.#buffer = '';
  }
}
