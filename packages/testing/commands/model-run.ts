import fc from 'fast-check';
import { refuseBreaches, type Watched } from '../subjects/breaches.ts';

/** One step of a history: when it makes sense, what it does, and how a failure prints it. */
export type ModelCommand<Model extends object, Subject> = fc.AsyncCommand<Model, Subject>;

/** How many histories of what length are tried; the rest is fast-check's, such as `seed` and `path` of a failure to repeat. */
export interface HistoryOptions extends fc.Parameters<[Iterable<fc.AsyncCommand<object, unknown>>]> {
  /** Steps of one history at most. Left out: 40. */
  readonly maxCommands?: number;
}

/** @param act throws when what the subject does is not what the model says @param makesSense left out: always */
export function modelCommand<Model extends object, Subject>(
  title: string,
  act: (model: Model, subject: Subject) => Promise<void>,
  makesSense: (model: Readonly<Model>) => boolean = () => true,
): ModelCommand<Model, Subject> {
  return { check: makesSense, run: act, toString: () => title };
}

/** Runs histories, each against a fresh subject and a fresh model, and prints the shortest that fails. */
export async function assertHistories<Model extends object, Subject extends object>(
  commands: (maxCommands: number) => fc.Arbitrary<Iterable<ModelCommand<Model, Subject>>>,
  makeModel: (subject: Subject) => Model,
  connect: () => Subject | Promise<Subject>,
  { maxCommands = 40, ...parameters }: HistoryOptions = {},
): Promise<void> {
  const holds = async (history: Iterable<ModelCommand<Model, Subject>>): Promise<void> => {
    const subject: Subject & Watched = await connect();
    await fc.asyncModelRun(() => ({ model: makeModel(subject), real: subject as Subject }), history);
    refuseBreaches(subject);
  };
  await fc.assert(fc.asyncProperty(commands(maxCommands), holds), parameters as fc.Parameters<[Iterable<ModelCommand<Model, Subject>>]>);
}
