import type { Choices, EventFootprint } from '@slipway/kernel';
import { HappensBefore } from './happens-before.ts';
import { SearchPath } from './search-path.ts';

/** Which event goes first, by number of the choice point: place among the ready ones. What is not there goes in order of arrival. */
export type Picks = ReadonlyMap<number, number>;

/** A run of the story: what `kernel.choices` and `kernel.footprints` say at its end, and what came of it. */
export interface OrderedRun<R> {
  readonly choices: Choices;
  readonly footprints: readonly EventFootprint[];
  readonly result: R;
}

export interface OrderSearchOptions<R> {
  /**
   * Runs the story from its start, in a kernel of its own with `explore: { order: 'picks', picks }` and `footprints`. The same picks must make the same
   * run.
   */
  readonly run: (picks: Picks) => OrderedRun<R> | Promise<OrderedRun<R>>;
  /** Number of the first choice point that is searched; those before it, of a start that is not in question, say, keep the order of arrival. Left out: 0. */
  readonly from?: number;
  /** How many choice points are searched from there on; those after them keep the order of arrival. Left out: all. */
  readonly depth?: number;
  /** Runs after which the search ends. Left out: 10,000. */
  readonly budget?: number;
  /** False: every order is tried, independent events or not. Left out: true. */
  readonly prune?: boolean;
  /** Whether the run is one that is looked for. Left out: none is. */
  readonly failed?: (result: R) => boolean;
  /** The search ends with the first failure. Left out: no. */
  readonly stopAtFailure?: boolean;
}

export interface OrderSearchReport<R> {
  readonly runs: number;
  /** Events that could have gone first at a choice point and were not tried there, since that would have changed nothing. */
  readonly pruned: number;
  /** Choice points of the longest run. */
  readonly points: number;
  /** True when no order is left, after `from`, that could make a difference: neither the budget nor the depth has cut anything off. */
  readonly complete: boolean;
  /** What was looked for, and the picks that make it. */
  readonly failures: readonly { readonly picks: Picks; readonly result: R }[];
}

/**
 * Runs a story in every order that can make a difference, depth first: each run is the last one up to a choice, which is taken
 * otherwise. A choice is tried when somebody lost a race there (dynamic partial-order reduction with source sets; Abdulla et al.,
 * "Optimal Dynamic Partial Order Reduction", POPL 2014), and a run that turns out to be an earlier one with independent events swapped
 * is left where it does (sleep sets).
 *
 * @throws Error when the same picks do not make the same run
 */
export async function exploreOrders<R>(options: OrderSearchOptions<R>): Promise<OrderSearchReport<R>> {
  const { run, failed = () => false, budget = 10_000, prune = true, stopAtFailure = false } = options;
  const path = new SearchPath({ from: options.from ?? 0, depth: options.depth ?? Number.POSITIVE_INFINITY, prune });
  const failures: { picks: Picks; result: R }[] = [];
  let runs = 0;
  let points = 0;
  let isComplete = true;
  do {
    if (runs >= budget) {
      isComplete = false;
      break;
    }
    const { choices, footprints, result } = await run(path.picks());
    runs += 1;
    points = Math.max(points, choices.points);
    if (failed(result)) {
      failures.push({ picks: new Map(choices.deviations), result });
      if (stopAtFailure) {
        isComplete = false;
        break;
      }
    }
    const added = path.follow(footprints);
    if (prune) learn(path, footprints, added);
  } while (path.advance());
  return { runs, pruned: path.pruned, points, complete: isComplete && !path.cutOff, failures };
}

/** What the events from place `added` on tell: whether this run was made before, and where else somebody has to go first. */
function learn(path: SearchPath, events: readonly EventFootprint[], added: number): void {
  const order = new HappensBefore(events, path.firstInQuestion);
  const places = new Map(events.map(({ id }, place) => [id, place]));
  const asleep = path.covered(places, order, added);
  const end = asleep.size === 0 ? events.length : Math.min(...asleep);
  for (let place = added; place < end; place++) {
    const { everything, ready } = events[place] as EventFootprint;
    for (const { earlier, instead } of order.races(place)) path.race(earlier, instead);
    // It may have kept anyone from running: then nobody is there to lose the race.
    if (everything) for (const id of ready) path.race(place, [id]);
  }
  if (end < events.length) path.leaveAt(end, (id) => asleep.has(places.get(id) ?? -1));
}
