import type { Process } from '@slipway/kernel';
import type { Problem } from '../../manifests/input-error.ts';
import { CLAIMS, type ExpectationDocument } from '../schema.ts';
import { compileCel } from './cel/cel-claim.ts';
import { Compilation, type CompileOptions } from './compilation.ts';
import { compileCondition } from './condition-claim.ts';
import { compileEvent } from './event-claim.ts';
import { BadReference } from '../references.ts';
import { UnknownVariable } from '../variables.ts';
import type { Judge, Verdict } from './judge.ts';
import { failed } from './verdict.ts';
import { compileAbsent, compileObject } from './object-claim.ts';
import { compileReachable, compileRequest } from './request-claim.ts';

/**
 * Makes a claim ready to be judged.
 *
 * @param problems gets one for each mistake: unknown kinds, fields, variables and names, expressions that do not parse or are not true or
 *   false, claims that could never fail or never hold
 * @returns undefined when something is wrong
 */
export function compileExpectation(document: ExpectationDocument, options: CompileOptions, problems: Problem[]): Judge | undefined {
  const compilation = new Compilation(options, problems);
  checkShape(document, compilation);
  if (!compilation.sound) return undefined;
  const judge = compileClaim(document, compilation);
  return judge && compilation.sound ? forgiving(judge) : undefined;
}

/** A reference that leads nowhere, or a variable that no step has kept yet, is no error of the run: the claim does not hold, so far. */
function forgiving(judge: Judge): Judge {
  if (judge.sort === 'state') {
    const { kinds } = judge;
    return {
      sort: 'state',
      kinds,
      judge(context) {
        try {
          return judge.judge(context);
        } catch (error) {
          return notYet(error);
        }
      },
    };
  }
  return {
    sort: 'probe',
    *probe(context): Process<Verdict> {
      try {
        return yield* judge.probe(context);
      } catch (error) {
        return notYet(error);
      }
    },
  };
}

/** @throws what is a defect */
function notYet(error: unknown): Verdict {
  if (error instanceof BadReference) return failed(() => (error.fix === undefined ? error.message : `${error.message} (${error.fix})`));
  if (error instanceof UnknownVariable) return failed(() => error.message);
  throw error;
}

function compileClaim(document: ExpectationDocument, compilation: Compilation): Judge | undefined {
  const { always, object, absent, condition, event, request, reachable, cel, count, of } = document;
  if (typeof always === 'string') return compileCel('always', always, compilation);
  if (object) return compileObject(object, count, compilation);
  if (absent) return compileAbsent(absent, compilation);
  if (condition !== undefined) return compileCondition(condition, of, compilation);
  if (event !== undefined) return compileEvent(event, of, compilation);
  if (request) return compileRequest(request, compilation);
  if (reachable) return compileReachable(reachable, compilation);
  return cel === undefined ? undefined : compileCel('cel', cel, compilation);
}

/** One claim, and only what goes with it. */
function checkShape(document: ExpectationDocument, compilation: Compilation): void {
  const claims: string[] = CLAIMS.filter((claim) => document[claim] !== undefined);
  if (typeof document.always === 'string') claims.unshift('always');
  const [claim, second] = claims;
  if (claim === undefined) {
    const fix =
      document.always === true
        ? 'add a claim, or write the CEL expression after "always:"'
        : `add one of ${CLAIMS.join(', ')}, or an "always" with a CEL expression`;
    return compilation.problem([], 'expect: nothing is expected here', fix);
  }
  if (second !== undefined)
    compilation.problem([second], `expect: "${claim}" and "${second}" stand in one expectation`, 'write one expectation for each');
  if (document.of !== undefined && claim !== 'condition' && claim !== 'event')
    compilation.problem(['of'], `of: goes with condition and event, not with ${claim}`, 'leave it out');
  if (claim === 'event' && document.always !== undefined)
    compilation.problem(
      ['always'],
      'always: an event is one moment, and nothing that holds all the time',
      'write "within" for how soon it comes',
    );
  if (document.count !== undefined && claim !== 'object')
    compilation.problem(
      ['count'],
      `count: goes with object, not with ${claim}`,
      claim === 'event' ? 'write it below event' : 'leave it out',
    );
}
