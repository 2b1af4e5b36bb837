import { encodeUtf8 } from '@slipway/host';
import type { TraceRecord } from '@slipway/kernel';

/** Bytes are handed on in batches: crossing into WebAssembly costs more than hashing a line. */
const BATCH = 16_384;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The lines of `traceLine`, each with its line feed, as UTF-8. A line is made for every event of every run and read by hardly anybody, so
 * that it is written byte by byte from the fields and never becomes a text.
 */
export class LineBytes {
  readonly #take: (bytes: Uint8Array) => void;
  readonly #bytes = new Uint8Array(BATCH);
  #length = 0;

  /** @param take is given the bytes in order; what it is given changes afterwards */
  constructor(take: (bytes: Uint8Array) => void) {
    this.#take = take;
  }

  add({ seq, at, actor, kind, name, subject, cause, data }: TraceRecord): void {
    this.#plain('{"seq":');
    this.#plain(String(seq));
    this.#plain(',"at":');
    this.#plain(String(at));
    this.#plain(',"actor":');
    this.#quoted(actor);
    this.#plain(',"kind":"');
    this.#plain(kind);
    this.#plain('","name":');
    this.#quoted(name);
    if (subject !== undefined) {
      this.#plain(',"subject":');
      this.#quoted(subject);
    }
    this.#plain(',"cause":');
    this.#plain(String(cause));
    this.#plain(',"data":[');
    let first = true;
    for (const value of data) {
      if (!first) this.#plain(',');
      first = false;
      if (typeof value === 'string') this.#quoted(value);
      else this.#plain(String(value));
    }
    this.#plain(']}\n');
  }

  /** Hands on what has been kept back. */
  flush(): void {
    if (this.#length === 0) return;
    this.#take(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
  }

  /** Text of few characters, all ASCII. */
  #plain(text: string): void {
    const { length } = text;
    if (this.#length + length > BATCH) this.flush();
    const bytes = this.#bytes;
    const start = this.#length;
    for (let index = 0; index < length; index += 1) bytes[start + index] = text.charCodeAt(index);
    this.#length = start + length;
  }

  /** Text as JSON writes it. Nearly all of it stands there as it is. */
  #quoted(text: string): void {
    const { length } = text;
    if (this.#length + length + 2 > BATCH) this.flush();
    if (length + 2 > BATCH) {
      this.#take(encodeUtf8(JSON.stringify(text)));
      return;
    }
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
        this.#encoded(JSON.stringify(text));
        return;
      }
      bytes[start + index] = code;
    }
    bytes[start - 1] = QUOTE;
    bytes[start + length] = QUOTE;
    this.#length = start + length + 1;
  }

  #encoded(json: string): void {
    this.flush();
    this.#take(encodeUtf8(json));
  }
}
