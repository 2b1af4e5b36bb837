import type { Stored } from '@slipway/kube';
import { type Share, SmoothRoundRobin } from '../../semantics/index.ts';
import type { TrafficSplit } from '../../types/index.ts';

/** Clients that a split keeps a turn for; the one that came first is forgotten first, and starts anew. */
const CLIENTS = 10_000;

interface Turns {
  readonly split: Stored<TrafficSplit>;
  readonly byClient: Map<string, SmoothRoundRobin>;
}

/** Whose turn it is, for each split and client. SMI split, "Workflow": weights are per client, not global. */
export class Balancer {
  readonly #turns = new Map<string, Turns>();

  /** @param client one port's traffic of one pod */
  next(split: Stored<TrafficSplit>, client: string, shares: readonly Share[]): string {
    const { uid } = split.metadata;
    let turns = this.#turns.get(uid);
    // A proxy that is given other weights begins anew.
    if (!turns || turns.split !== split) {
      turns = { split, byClient: new Map() };
      this.#turns.set(uid, turns);
    }
    let turn = turns.byClient.get(client);
    if (!turn) {
      if (turns.byClient.size >= CLIENTS) turns.byClient.delete(turns.byClient.keys().next().value as string);
      turn = new SmoothRoundRobin();
      turns.byClient.set(client, turn);
    }
    return turn.next(shares);
  }
}
