import type { Kernel, TraceRecord } from '@slipway/kernel';
import xxhash from 'xxhash-wasm';
import { traceLine } from './line.ts';
import { LineBytes } from './line-bytes.ts';

// WebAssembly starts asynchronously: the one top-level await of the simulator (5 ms).
const { create64 } = await xxhash();

/** Listens to a kernel: always hashes every event, keeps the stream only when asked. */
export class TraceRecorder {
  /** Every event so far, when the stream is kept. */
  readonly kept: readonly TraceRecord[];
  readonly #hash = create64();
  readonly #lines = new LineBytes((bytes) => this.#hash.update(bytes));
  #count = 0;

  /**
   * @param options `keep`: the whole stream stays in memory, with requests and answers; `onLine` is given every event and its hashed line
   *   as it happens; `detailed`: costly details are built for it too.
   */
  constructor(
    kernel: Kernel,
    options: { readonly keep?: boolean; readonly detailed?: boolean; readonly onLine?: (record: TraceRecord, line: string) => void } = {},
  ) {
    const kept: TraceRecord[] = [];
    this.kept = kept;
    const { keep, detailed, onLine } = options;
    if (keep || detailed) kernel.detailed = true;
    kernel.events.on('trace', (record) => {
      this.#count += 1;
      this.#lines.add(record);
      if (keep) kept.push(record);
      if (onLine) onLine(record, traceLine(record));
    });
  }

  /** Number of events. */
  get count(): number {
    return this.#count;
  }

  /** xxh64 over the lines so far, each with its line feed: lower-case hexadecimal, 16 digits. */
  fingerprint(): string {
    this.#lines.flush();
    return this.#hash.digest().toString(16).padStart(16, '0');
  }
}
