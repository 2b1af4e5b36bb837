import { hashText } from './chance.ts';
import { Scheduled } from './event-queue.ts';
import { readThing, writeThing } from './footprint.ts';
import type { Link } from './link.ts';
import type { Gathering, StreamItem } from './link-options.ts';
import { Stream, streamLost } from './stream.ts';
import type { Micros } from './time.ts';

interface Travelling extends StreamItem {
  readonly due: Micros;
}

/**
 * Carries a stream over a link: items arrive in order after the link's lag, and the stream ends with UNAVAILABLE when either side dies.
 * One event carries all items that are due.
 */
export class StreamPipe extends Scheduled {
  readonly target: Stream<unknown>;
  readonly #link: Link;
  readonly #source: Stream<unknown>;
  readonly #unwatch: readonly (() => void)[];
  #travelling: Travelling[] = [];
  #ending: { readonly error: unknown } | undefined;
  /** By what those that travel are gathered, also when it has ended meanwhile. */
  #gathered: Gathering | undefined;
  #thread: number | undefined;

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
    writeThing(this);
    this.#travelling = [];
    this.target.end(streamLost(this.#link.to.name));
  }

  /** The way is open again: what has waited comes now. */
  flow(): void {
    writeThing(this);
    if (this.place === -1 && (this.#travelling.length > 0 || this.#ending)) this.#link.kernel.schedule(this, this.#link.kernel.now);
  }

  /** What was held back to be gathered comes now, together. */
  release(): void {
    if (!this.#gathered || this.#travelling.length === 0) return;
    const { kernel, streamLag } = this.#link;
    writeThing(this);
    const due = kernel.now + streamLag;
    this.#travelling = this.#travelling.map((each) => (each.due > due ? { ...each, due } : each));
    kernel.remove(this);
    kernel.schedule(this, this.#travelling[0]?.due ?? due);
  }

  override get thread(): number {
    const { from, to, service } = this.#link;
    this.#thread ??= hashText(`${to.name}>${from.name}:${service.name}`);
    return this.#thread;
  }

  fire(): void {
    const { kernel, cut } = this.#link;
    readThing(this.#link);
    // Kept until the way is open again, or somebody takes the connection for dead.
    if (cut?.answers) return;
    const due = this.#travelling.filter((each) => each.due <= kernel.now);
    this.#travelling = due.length === this.#travelling.length ? [] : this.#travelling.slice(due.length);
    const gathering = this.#link.gathering ?? this.#gathered;
    this.#gathered = this.#link.gathering;
    for (const { item, cause } of gathering ? gathering.merge(due) : due) {
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
    readThing(this.#link);
    const { gathering } = this.#link;
    this.#gathered ??= gathering;
    const arrival = kernel.now + streamLag;
    // All watches of a grid come at its points: what nobody gathers comes at once.
    const ripe = gathering ? (Math.floor(arrival / gathering.every) + 1) * gathering.every : arrival;
    // Where the lag has shrunk, what was sent before still comes first.
    const due = Math.max(ripe, this.#travelling.at(-1)?.due ?? 0);
    this.#travelling.push({ due, item, cause });
    if (this.place === -1) kernel.schedule(this, due);
  }

  #end(error: unknown): void {
    writeThing(this);
    this.#ending = { error };
    // What was sent before the end comes before it.
    const due = Math.max(this.#link.kernel.now + this.#link.streamLag, this.#travelling[0]?.due ?? 0);
    if (this.place === -1) this.#link.kernel.schedule(this, due);
  }

  #close(): void {
    for (const unwatch of this.#unwatch) unwatch();
    this.#link.kernel.remove(this);
    this.#source.cancel();
    this.#link.forgetPipe(this);
  }
}
