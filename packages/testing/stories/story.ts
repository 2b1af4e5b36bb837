import fc from 'fast-check';
import type { StoryModel } from './model.ts';
import { arbitraryTrouble, type Trouble, type TroubleOptions } from './trouble.ts';

/** One thing that a client wants to do, what goes wrong with it, and how long the client waits before, in milliseconds. */
export interface Turn<Wish> {
  readonly wish: Wish;
  readonly trouble: Trouble;
  readonly pause: number;
}

/** What happens in order, then what several clients do at once. */
export interface Story<Wish> {
  readonly first: readonly Turn<Wish>[];
  readonly clients: readonly (readonly Turn<Wish>[])[];
  /** Of the world: order of what is ready at one instant, and latencies within their ranges. Zero: as they come. */
  readonly order: number;
}

export interface StoryOptions extends TroubleOptions {
  /** Calls in order, at most. Left out: 20. */
  readonly maxCalls?: number;
  /** How many clients go on at once after that. Left out: 0. */
  readonly clients?: number;
  /** Whether anything goes wrong. Left out: false. */
  readonly faults?: boolean;
}

/** Stories of a model. A failing one shrinks to few calls with nothing wrong and one client where that is enough. */
export function arbitraryStory<Wish>(
  model: Pick<StoryModel<never, never, Wish, never, never>, 'wishes'>,
  { maxCalls = 20, clients = 0, faults = false, without = [] }: StoryOptions = {},
): fc.Arbitrary<Story<Wish>> {
  const trouble = faults ? arbitraryTrouble({ without }) : fc.constant<Trouble>('none');
  const turn = (alone: boolean): fc.Arbitrary<Turn<Wish>> =>
    fc.record({
      wish: model.wishes(alone),
      trouble,
      pause: alone ? fc.constant(0) : fc.constantFrom(0, 1, 5, 20),
    });
  const each = fc.array(turn(false), { minLength: 1, maxLength: 3 });
  return fc.record({
    first: fc.array(turn(true), { maxLength: clients > 0 ? Math.ceil(maxCalls / 2) : maxCalls, size: 'max' }),
    clients: clients > 0 ? fc.array(each, { minLength: clients, maxLength: clients }) : fc.constant([]),
    order: clients > 0 ? fc.nat({ max: 1000 }) : fc.constant(0),
  });
}
