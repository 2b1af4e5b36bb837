import type { Kernel, TraceRecord } from '@slipway/kernel';
import xxhash from 'xxhash-wasm';
import { traceLine } from './line.ts';

// WebAssembly starts asynchronously: the one top-level await of the simulator (5 ms).
const { create64 } = await xxhash();

/** Lines are hashed in batches: crossing into WebAssembly costs more than hashing a line. */
const BATCH_CHARACTERS = 65_536;

/** Listens to a kernel: always hashes every event, keeps the stream only when asked. */
export class TraceRecorder {
  /** Every event so far, when the stream is kept. */
  readonly kept: readonly TraceRecord[];
  readonly #hash = create64();
  #batch = '';
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
      const line = traceLine(record);
      this.#count += 1;
      this.#batch += `${line}\n`;
      if (this.#batch.length > BATCH_CHARACTERS) this.#flush();
      if (keep) kept.push(record);
      if (onLine) onLine(record, line);
    });
  }

  /** Number of events. */
  get count(): number {
    return this.#count;
  }

  /** xxh64 over the lines so far, each with its line feed: lower-case hexadecimal, 16 digits. */
  fingerprint(): string {
    this.#flush();
    return this.#hash.digest().toString(16).padStart(16, '0');
  }

  #flush(): void {
    if (this.#batch === '') return;
    this.#hash.update(this.#batch);
    this.#batch = '';
  }
}
