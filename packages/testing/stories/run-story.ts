import { all, codeOf, type KernelOptions, messageOf, milliseconds, minutes, type Process, sleep, timeout } from '@slipway/kernel';
import fc from 'fast-check';
import { refuseBreaches, type Watched } from '../subjects/breaches.ts';
import { explain, outcomeOf, type Told } from './explain.ts';
import type { Heard, StoryModel } from './model.ts';
import { arbitraryStory, type Story, type StoryOptions, type Turn } from './story.ts';
import { type Troubled, Troubles } from './trouble.ts';

/** A fresh world for one story. */
export interface StoryWorld<Session> extends Troubled, Watched {
  readonly session: Session;
  settle<T>(process: Process<T>): Promise<T>;
}

/** Makes a fresh world. @param kernel for the world's kernel, so that orders and latencies differ from story to story */
export type StoryConnect<Session> = (kernel: KernelOptions) => StoryWorld<Session> | Promise<StoryWorld<Session>>;

/** How many stories of what kind are tried; `seed` and `path` of a failure repeat it. The rest is fast-check's. */
export interface AssertStoriesOptions extends StoryOptions, fc.Parameters<[Story<unknown>]> {}

/** Tries many stories, each in a fresh world, and prints the shortest that fails, as what its clients did and heard. */
export async function assertStories<Session, State, Wish, Act, Answer>(
  model: StoryModel<Session, State, Wish, Act, Answer>,
  connect: StoryConnect<Session>,
  { maxCalls, clients, faults, without, ...parameters }: AssertStoriesOptions = {},
): Promise<void> {
  const options: StoryOptions = {
    ...(maxCalls === undefined ? {} : { maxCalls }),
    ...(clients === undefined ? {} : { clients }),
    ...(faults === undefined ? {} : { faults }),
    ...(without === undefined ? {} : { without }),
  };
  await fc.assert(
    fc.asyncProperty(arbitraryStory(model, options), (story) => tellStory(model, connect, story)),
    parameters as fc.Parameters<[Story<Wish>]>,
  );
}

/** Runs one story in a fresh world. @throws Error when no order of its calls explains what was heard; its message ends with the story */
export async function tellStory<Session, State, Wish, Act, Answer>(
  model: StoryModel<Session, State, Wish, Act, Answer>,
  connect: StoryConnect<Session>,
  story: Story<Wish>,
): Promise<void> {
  const kernel: KernelOptions = story.order === 0 ? {} : { seed: story.order, explore: { order: 'random', jitter: true } };
  const world = await connect(kernel);
  const telling = new Telling(model, world);
  try {
    await world.settle(telling.tell(story));
    explain(model, telling.told);
    refuseBreaches(world);
  } catch (error) {
    throw new Error(`${messageOf(error)}\n${telling.lines().join('\n')}`, { cause: error });
  }
}

/** How long a client waits until nothing of a lost call can still be under way: longer than any deadline of a call below. */
const QUIET = minutes(15);
/** How long it waits for an answer where the interface sets no deadline. */
const PATIENCE = minutes(10);
/** How often a client tries to find out what became of a call before it leaves the matter open. */
const TRIES = 6;

class Telling<Session, State, Wish, Act, Answer> {
  readonly told: Told<Act, Answer>[] = [];
  readonly #model: StoryModel<Session, State, Wish, Act, Answer>;
  readonly #world: StoryWorld<Session>;
  readonly #troubles: Troubles;
  readonly #notes = new Map<Told<Act, Answer>, string>();
  #clock = 0;
  /** While several clients are at work, trouble of one may hit the other. */
  #shared: number | undefined;

  constructor(model: StoryModel<Session, State, Wish, Act, Answer>, world: StoryWorld<Session>) {
    this.#model = model;
    this.#world = world;
    this.#troubles = new Troubles(world);
  }

  *tell({ first, clients }: Story<Wish>): Process {
    for (const turn of first) {
      const lost = yield* this.#take(turn, undefined);
      yield* this.#findOut(lost);
    }
    if (clients.length > 0) yield* this.#together(clients);
    for (let done = 0; ; done += 1) {
      const act = this.#model.closing(this.#world.session, done);
      if (act === undefined) return;
      yield* this.#call(act, undefined, '');
    }
  }

  *#together(clients: Story<Wish>['clients']): Process {
    this.#shared = this.#troubles.struck;
    const lost = yield* all(clients.map((turns, index) => this.#client(turns, index)));
    this.#shared = undefined;
    yield* this.#findOut(lost.flat());
  }

  *#client(turns: readonly Turn<Wish>[], client: number): Process<Act[]> {
    const lost: Act[] = [];
    for (const turn of turns) {
      if (turn.pause > 0) yield* sleep(milliseconds(turn.pause));
      lost.push(...(yield* this.#take(turn, client)));
    }
    return lost;
  }

  /** @returns the call if nobody knows what became of it */
  *#take({ wish, trouble }: Turn<Wish>, client: number | undefined): Process<Act[]> {
    const act = this.#model.resolve(this.#world.session, wish, client);
    if (act === undefined) return [];
    this.#troubles.bring(trouble);
    const heard = yield* this.#call(act, client, trouble === 'none' ? '' : ` (${trouble})`);
    if (client === undefined) this.#troubles.heal();
    return heard.as === 'lost' ? [act] : [];
  }

  /** Waits until nothing goes wrong any more, then asks again what became of lost calls. */
  *#findOut(lost: readonly Act[]): Process {
    this.#troubles.heal();
    if (lost.length === 0) return;
    yield* sleep(QUIET);
    for (const act of lost) {
      for (const next of this.#model.repair?.(act) ?? [act]) {
        for (let tries = 0; tries < TRIES; tries += 1) {
          if ((yield* this.#call(next, undefined, ' (to find out)')).as !== 'lost') break;
          yield* sleep(QUIET);
        }
      }
    }
  }

  *#call(act: Act, client: number | undefined, note: string): Process<Heard<Answer>> {
    const { struck } = this.#troubles;
    const sent = (this.#clock += 1);
    const heard = yield* this.#hear(act, this.#shared ?? struck);
    const back = heard.as === 'lost' ? Number.POSITIVE_INFINITY : (this.#clock += 1);
    const told: Told<Act, Answer> = { client, act, heard, sent, back };
    this.told.push(told);
    this.#notes.set(told, note);
    return heard;
  }

  *#hear(act: Act, struckBefore: number): Process<Heard<Answer>> {
    try {
      const answer = yield* timeout(this.#model.perform(this.#world.session, act), PATIENCE);
      this.#model.learn(this.#world.session, act, answer);
      return { as: 'answer', answer };
    } catch (error) {
      const code = codeOf(error);
      const isBusy = this.#shared !== undefined && (this.#model.isBusy?.(code) ?? false);
      // A refusal proves something only where nothing went wrong meanwhile.
      if (isBusy || this.#troubles.struck > struckBefore) return { as: 'lost', code };
      return { as: 'refusal', code, message: messageOf(error) };
    }
  }

  /** The story as it went, one call a line. */
  lines(): readonly string[] {
    return [...this.told]
      .sort((a, b) => a.sent - b.sent)
      .map((call) => {
        const who = call.client === undefined ? '' : `client ${call.client + 1}: `;
        return `  ${who}${this.#model.print(call.act)}${this.#notes.get(call) ?? ''}: ${outcomeOf(call.heard)}`;
      });
  }
}
