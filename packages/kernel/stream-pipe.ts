import { Scheduled } from './event-queue.ts';
import type { Link } from './link.ts';
import { Stream, streamLost } from './stream.ts';

/**
 * Carries a stream over a link: items arrive in order after the link's lag, and the stream ends with UNAVAILABLE when either side dies.
 * One event carries all items that are due.
 */
export class StreamPipe extends Scheduled {
  readonly target: Stream<unknown>;
  readonly #link: Link;
  readonly #source: Stream<unknown>;
  readonly #unwatch: readonly (() => void)[];
  #travelling: { readonly due: number; readonly item: unknown; readonly cause: number }[] = [];
  #ending: { readonly error: unknown } | undefined;

  constructor(link: Link, source: Stream<unknown>) {
    super();
    this.#link = link;
    this.#source = source;
    this.target = new Stream(source.capacity);
    this.#unwatch = [link.from.onEnd(() => this.target.cancel()), link.to.onEnd(() => this.cut())];
    this.target.onClose = () => this.#close();
    source.pipe({ item: (item, cause) => this.#send(item, cause), end: (error) => this.#end(error) });
  }

  /** The connection breaks: what is on its way is lost. */
  cut(): void {
    this.#travelling = [];
    this.target.end(streamLost(this.#link.to.name));
  }

  /** The way is open again: what has waited comes now. */
  flow(): void {
    if (this.place === -1 && (this.#travelling.length > 0 || this.#ending)) this.#link.kernel.schedule(this, this.#link.kernel.now);
  }

  fire(): void {
    const { kernel, cut } = this.#link;
    // Kept until the way is open again, or somebody takes the connection for dead.
    if (cut?.answers) return;
    const due = this.#travelling.filter((each) => each.due <= kernel.now);
    this.#travelling = due.length === this.#travelling.length ? [] : this.#travelling.slice(due.length);
    for (const { item, cause } of due) {
      if (this.target.offer(item, cause) || !this.target.open) continue;
      // The reader has fallen too far behind: the connection is dropped, as real servers do.
      this.cut();
      return;
    }
    const [next] = this.#travelling;
    if (next) kernel.schedule(this, next.due);
    else if (this.#ending) this.target.end(this.#ending.error);
  }

  #send(item: unknown, cause: number): void {
    const { kernel, streamLag } = this.#link;
    // Where the lag has shrunk, what was sent before still comes first.
    const due = Math.max(kernel.now + streamLag, this.#travelling.at(-1)?.due ?? 0);
    this.#travelling.push({ due, item, cause });
    if (this.place === -1) kernel.schedule(this, due);
  }

  #end(error: unknown): void {
    this.#ending = { error };
    if (this.place === -1) this.#link.kernel.schedule(this, this.#link.kernel.now + this.#link.streamLag);
  }

  #close(): void {
    for (const unwatch of this.#unwatch) unwatch();
    this.#link.kernel.remove(this);
    this.#source.cancel();
    this.#link.forgetPipe(this);
  }
}
