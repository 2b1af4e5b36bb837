import type { Process } from '@slipway/kernel';
import { type Kind, kinds } from '@slipway/kube';
import { type TestWorld, testWorld } from '../../apiserver/test-world.ts';
import type { Problem } from '../../manifests/input-error.ts';
import { Traffic } from '../../traffic/index.ts';
import type { ExpectationDocument } from '../schema.ts';
import { Variables } from '../variables.ts';
import { EventLog, type Judge, type JudgeContext, compileExpectation, type Verdict } from './index.ts';

/** What is wrong with an expectation: `message | fix`, and nothing for one that is fine. */
export function problemsOf(
  document: ExpectationDocument,
  more: { readonly kinds?: readonly Kind[]; readonly variables?: readonly string[] } = {},
): readonly string[] {
  const problems: Problem[] = [];
  const judge = compileIn(document, problems, more);
  if ((judge === undefined) !== problems.length > 0) throw new Error('a judge or problems, never both or none');
  return problems.map(({ message, fix }) => (fix === undefined ? message : `${message} | ${fix}`));
}

function compileIn(
  document: ExpectationDocument,
  problems: Problem[],
  more: { readonly kinds?: readonly Kind[]; readonly variables?: readonly string[] } = {},
): Judge | undefined {
  const placeOf = (path: readonly (string | number)[]) => ({ file: path.join('.'), line: 1, column: 1 });
  return compileExpectation(document, { kinds: [...kinds, ...(more.kinds ?? [])], placeOf, variables: new Set(more.variables) }, problems);
}

/** An API server, and claims judged against it. */
export class Court {
  readonly world: TestWorld = testWorld();
  readonly variables = new Variables();
  readonly context: JudgeContext;

  constructor() {
    const { kernel, server, owner, api } = this.world;
    const traffic = new Traffic({ kernel, owner, api });
    this.context = {
      cluster: { kernel, server, user: owner, nodes: new Map(), traffic },
      variables: this.variables,
      events: new EventLog(kernel, server),
      since: 0,
    };
  }

  get api(): TestWorld['api'] {
    return this.world.api;
  }

  run<T>(process: Process<T>): T {
    return this.world.run(process);
  }

  compile(document: ExpectationDocument, custom: readonly Kind[] = []): Judge & { readonly sort: 'state' } {
    const problems: Problem[] = [];
    const judge = compileIn(document, problems, { kinds: custom, variables: ['lost', 'several', 'later'] });
    if (judge?.sort !== 'state') throw new Error(problems.map(({ message }) => message).join('; '));
    return judge;
  }

  verdict(document: ExpectationDocument, since = 0): Verdict {
    return this.compile(document).judge({ ...this.context, since });
  }

  /** `true`, or why not. */
  say(document: ExpectationDocument, since = 0): string {
    const { held, message } = this.verdict(document, since);
    return held ? 'true' : message;
  }
}
