import type { Process } from '@slipway/kernel';
import type fc from 'fast-check';

/** What a client heard of a call. `lost`: something went wrong meanwhile, so nobody knows whether it was carried out. */
export type Heard<Answer> =
  | { readonly as: 'answer'; readonly answer: Answer }
  | { readonly as: 'refusal'; readonly code: string; readonly message: string }
  | { readonly as: 'lost'; readonly code: string };

/** In what a call may leave the world: each possibility, or why no right implementation could have said what was heard. */
export type Possible<State> = readonly State[] | string;

/**
 * The simplest model of an interface, for stories with faults and with several clients at once. A state is plain data and never changed.
 * Since what became of a lost call is unknown, a story follows all states that explain what was heard, as a person would.
 *
 * `Wish` is what is drawn, `Act` the call that it becomes once names, ids and versions are known.
 */
export interface StoryModel<Session, State, Wish, Act, Answer> {
  /** What may happen next. @param alone whether no other client is there */
  wishes(alone: boolean): fc.Arbitrary<Wish>;
  readonly start: State;
  /** The call, with all that the client knows; undefined when no client would make it now. @param client left out: there is but one */
  resolve(session: Session, wish: Wish, client?: number): Act | undefined;
  print(act: Act): string;
  perform(session: Session, act: Act): Process<Answer>;
  /** The client remembers what the answer said. */
  learn(session: Session, act: Act, answer: Answer): void;
  /** For `lost`: the states in which it was carried out; that it was not is followed anyhow. */
  after(state: State, act: Act, heard: Heard<Answer>): Possible<State>;
  /** What a client does to find out what became of a lost call. Left out: the same again, which the interface must then allow. */
  repair?(act: Act): readonly Act[];
  /** Whether a refusal says "not now, nothing was done", as CSI's ABORTED does; then the client tries again later. */
  isBusy?(code: string): boolean;
  /** Called before each call of the end, until it has none: they show what was left behind. */
  closing(session: Session, done: number): Act | undefined;
}
