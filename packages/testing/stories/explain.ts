import type { Heard, StoryModel } from './model.ts';

/** One call of a story, as its client saw it. */
export interface Told<Act, Answer> {
  readonly client: number | undefined;
  readonly act: Act;
  readonly heard: Heard<Answer>;
  /** Order of sending and of hearing, counted over the story; the latter is infinite for what is lost, since it may still happen. */
  readonly sent: number;
  readonly back: number;
}

type Judge<State, Act, Answer> = Pick<StoryModel<never, State, never, Act, Answer>, 'start' | 'after' | 'print'>;

/**
 * Whether some order of the calls, each at one instant between its sending and its answer, explains all that was heard: the calls are
 * linearizable. Source: Herlihy and Wing, "Linearizability" (1990); the search is that of Wing and Gong, with states remembered.
 *
 * @throws Error about the first answer that nothing explains
 */
export function explain<State, Act, Answer>(model: Judge<State, Act, Answer>, told: readonly Told<Act, Answer>[]): void {
  if (unexplained(model, told) === undefined) return;
  const heard = told.filter(({ back }) => Number.isFinite(back)).sort((a, b) => a.back - b.back);
  // The shortest story that nothing explains: its last answer is the wrong one.
  for (const last of heard) {
    const reason = unexplained(model, upTo(told, last.back));
    if (reason !== undefined) throw new Error(messageOf(model, told, last, reason));
  }
}

/** The story until an answer came: what was on its way then is not known yet. */
function upTo<Act, Answer>(told: readonly Told<Act, Answer>[], end: number): readonly Told<Act, Answer>[] {
  return told
    .filter(({ sent }) => sent < end)
    .map((call) => (call.back <= end ? call : { ...call, back: Number.POSITIVE_INFINITY, heard: { as: 'lost', code: 'UNAVAILABLE' } }));
}

function messageOf<State, Act, Answer>(
  { print }: Judge<State, Act, Answer>,
  told: readonly Told<Act, Answer>[],
  { act, heard, client, back }: Told<Act, Answer>,
  reason: string,
): string {
  const others = told.filter((other) => other.client !== client && other.sent < back && other.client !== undefined);
  const beside =
    others.length === 0 ? '' : `, beside ${others.map((other) => `${print(other.act)} (${outcomeOf(other.heard)})`).join(', ')}`;
  return `${print(act)}: ${reason} (heard: ${outcomeOf(heard)}${beside})`;
}

/** As failures print it. */
export function outcomeOf(heard: Heard<unknown>): string {
  if (heard.as === 'answer') return `success${shortOf(heard.answer)}`;
  return heard.as === 'lost' ? `nothing for sure, ${heard.code}` : `${heard.code}, ${heard.message}`;
}

/** What a short answer says; long ones are no help. */
function shortOf(answer: unknown): string {
  const text = JSON.stringify(answer) ?? '';
  return text.length < 3 || text.length > LONGEST_ANSWER ? '' : `, ${text}`;
}

const LONGEST_ANSWER = 240;

/** Undefined when some order explains it; else what was wrong in the order that got furthest. */
function unexplained<State, Act, Answer>(model: Judge<State, Act, Answer>, told: readonly Told<Act, Answer>[]): string | undefined {
  const calls = [...told].sort((a, b) => a.sent - b.sent);
  const seen = new Set<string>();
  let [furthest, reason] = [-1, 'nothing explains it'];

  /** @param done calls that have their place already, as a set of bits in text */
  const search = (state: State, done: readonly boolean[], count: number): boolean => {
    const key = `${done.map((is) => (is ? '1' : '0')).join('')} ${JSON.stringify(state)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    // Nothing can come after a call that was answered before it was sent.
    let end = Number.POSITIVE_INFINITY;
    let open = false;
    for (const [index, { back }] of calls.entries()) {
      if (done[index]) continue;
      end = Math.min(end, back);
      open ||= Number.isFinite(back);
    }
    if (!open) return true;
    for (const [index, { act, heard, sent }] of calls.entries()) {
      if (done[index] || sent > end) continue;
      const possible = model.after(state, act, heard);
      if (typeof possible === 'string') {
        if (count > furthest && heard.as !== 'lost') [furthest, reason] = [count, possible];
        continue;
      }
      const next = done.with(index, true);
      if (possible.some((after) => search(after, next, count + (heard.as === 'lost' ? 0 : 1)))) return true;
    }
    return false;
  };
  return search(
    model.start,
    calls.map(() => false),
    0,
  )
    ? undefined
    : reason;
}
