import { type Kernel, type Micros, minutes } from '@slipway/kernel';

/** Source: etcd compaction of the API server, `AP/storage/etcd3/compact.go`: every 5 minutes, up to the revision of 5 minutes before. */
const COMPACTION_PERIOD: Micros = minutes(5);

/** The one counter of all writes, and how far back it is still known. */
export class RevisionCounter {
  readonly #kernel: Kernel;
  #current: number;
  #period = 0;
  /** Revisions at the last two points of the compaction grid. */
  #atLastPoint: number;
  #atPointBefore: number;

  constructor(kernel: Kernel, first = 1) {
    this.#kernel = kernel;
    this.#current = first;
    this.#atLastPoint = 0;
    this.#atPointBefore = 0;
  }

  get current(): number {
    return this.#current;
  }

  /** The next write's revision. */
  next(): number {
    this.#tick();
    this.#current += 1;
    return this.#current;
  }

  /** Changes at or before this revision are forgotten. Found out when asked, so that idle time costs no events. */
  get compacted(): number {
    this.#tick();
    return this.#atPointBefore;
  }

  #tick(): void {
    const period = Math.floor(this.#kernel.now / COMPACTION_PERIOD);
    if (period === this.#period) return;
    this.#atPointBefore = period - this.#period > 1 ? this.#current : this.#atLastPoint;
    this.#atLastPoint = this.#current;
    this.#period = period;
  }
}
