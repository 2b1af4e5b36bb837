import { type Kernel, type Link, seconds } from '@slipway/kernel';
import { placeOf } from './owner-pattern.ts';

/** One node that is cut off. */
export interface Cut {
  readonly node: string;
  /** From whom; undefined: from everybody. */
  readonly places: readonly string[] | undefined;
  readonly direction: 'both' | 'in' | 'out';
}

/**
 * When a client of the API server takes its connection for dead: nothing read for 30 s, and then no answer to a ping for 15 s.
 * Source: apimachinery `pkg/util/net/http.go`, `readIdleTimeoutSeconds` and `pingTimeoutSeconds`.
 */
const CONNECTION_LOST = seconds(45);

/** Who cannot reach whom. A link is cut while any partition says so. */
export class Partitioning {
  readonly #kernel: Kernel;
  readonly #cuts = new Set<Cut>();
  /** What the partitions say of each link that is cut. */
  readonly #links = new Map<Link, { readonly requests: boolean; readonly answers: boolean }>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Cuts a node off; the links that are there have to be shown to `apply`. Returns what joins it again. */
  add(cut: Cut): () => void {
    this.#cuts.add(cut);
    return () => {
      this.#cuts.delete(cut);
      for (const link of [...this.#links.keys()]) this.apply(link);
    };
  }

  /** Whether what one place sends never reaches the other. */
  cuts(from: string, to: string): boolean {
    for (const { node, places, direction } of this.#cuts) {
      if (from === node && to !== node && direction !== 'in' && (places?.includes(to) ?? true)) return true;
      if (to === node && from !== node && direction !== 'out' && (places?.includes(from) ?? true)) return true;
    }
    return false;
  }

  /** Cuts a link or joins it, as it must be now. Returns whether it was whole and is cut. */
  apply(link: Link): boolean {
    const before = this.#links.get(link);
    if (this.#cuts.size === 0 && !before) return false;
    const [caller, callee] = [placeOf(link.from), placeOf(link.to)];
    const ways = { requests: this.cuts(caller, callee), answers: this.cuts(callee, caller) };
    if (ways.requests === (before?.requests ?? false) && ways.answers === (before?.answers ?? false)) return false;
    if (!ways.requests && !ways.answers) {
      this.#links.delete(link);
      link.cut = undefined;
      return false;
    }
    this.#links.set(link, ways);
    if (link.service.interface === 'api') this.#cutConnection(link, ways);
    else link.cut = ways;
    return before === undefined;
  }

  /** A connection that stays open: it lasts until somebody misses an answer to a ping, whichever way is cut. */
  #cutConnection(link: Link, ways: { readonly requests: boolean; readonly answers: boolean }): void {
    link.cut = { ...ways, patience: CONNECTION_LOST };
    this.#kernel.after(CONNECTION_LOST, () => {
      if (this.#links.get(link) !== ways) return;
      link.cutStreams();
      // A new one needs both ways to be made at all.
      link.cut = { requests: true, answers: true, patience: CONNECTION_LOST };
    });
  }
}
