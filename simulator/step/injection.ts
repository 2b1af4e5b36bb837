import { checkFault } from '../faults/index.ts';
import type { FaultDocument, StepDocument } from '../scenario/schema.ts';
import { NotHere } from './not-here.ts';
import type { CallStop } from './stop.ts';

/** What can go wrong with one call, as a person asks for it. */
export const ARROWS = {
  error: 'an error comes instead of an answer; no work is done',
  lose: 'the work is done and its answer is lost',
  delay: 'the call takes longer to arrive',
  duplicate: 'the call is delivered twice',
  hang: 'the call arrives and is never answered',
  crash: 'the callee dies before it works on the call, and comes up again 5 s later',
  refuse: 'the connection is refused before the call is delivered',
} as const;

export type Arrow = keyof typeof ARROWS;

/** One call that is to go wrong. */
export interface Injection {
  readonly arrow: Arrow;
  /** Of an error: its code; of a delay: how long. Left out: what is usual. */
  readonly detail?: string | undefined;
}

/** A delay that a person notices and that no deadline cuts short. */
const USUAL_DELAY = '5s';

/** What callees of each interface most often fail with. */
const USUAL_ERRORS: Readonly<Record<string, string>> = {
  api: 'InternalError',
  cloud: 'RequestLimitExceeded',
  cni: '11',
  'oci.Distribution': 'TOOMANYREQUESTS',
  csi: 'INTERNAL',
};

/** Subjects that say nothing to a reader of the scenario, and are others under another seed: ids of sandboxes and containers. */
const OPAQUE = /^[0-9a-f]{64}$/;

/** The subject by which a fault finds the call; undefined where that would be an id. */
export function aboutOf({ subject }: Pick<CallStop, 'subject'>): string | undefined {
  return subject === undefined || OPAQUE.test(subject) ? undefined : subject;
}

/** The step that makes exactly this call go wrong. @param after how many calls like it come before. */
export function faultStep(stop: CallStop, { arrow, detail }: Injection, after: number): StepDocument {
  const about = aboutOf(stop);
  const fault: FaultDocument = {
    on: literal(stop.name),
    from: literal(stop.caller),
    ...(about === undefined ? {} : { about: literal(about) }),
    ...strike(stop, arrow, detail),
    ...(after === 0 ? {} : { after }),
    times: 1,
  };
  return { fault };
}

/** Refuses what would be no fault of this call: a code that nobody who makes such calls knows. @throws NotHere with the codes that there are */
export function checkInjection(stop: CallStop, { arrow, detail }: Injection): void {
  const [problem] = checkFault({ on: stop.name, ...strike(stop, arrow, detail) });
  if (problem) throw new NotHere(`nothing is set: ${problem.message}`, problem.fix);
}

function strike({ name }: CallStop, arrow: Arrow, detail: string | undefined): Partial<FaultDocument> {
  switch (arrow) {
    case 'error':
      return { error: errorOf(detail ?? usualError(name)) };
    case 'lose':
      return { loseAnswer: true };
    case 'delay':
      return { delay: detail ?? USUAL_DELAY };
    case 'duplicate':
      return { duplicate: true };
    case 'hang':
      return { hang: true };
    case 'crash':
      return { crash: detail === undefined ? true : { restart: detail } };
    case 'refuse':
      return { refuse: detail === undefined ? true : { code: detail } };
  }
}

function usualError(name: string): string {
  return USUAL_ERRORS[name.slice(0, name.indexOf('/'))] ?? USUAL_ERRORS[name.slice(0, name.indexOf('.'))] ?? 'UNKNOWN';
}

/** CNI has numbers for codes, and YAML would make one of such a text. */
function errorOf(code: string): NonNullable<FaultDocument['error']> {
  return /^\d+$/.test(code) ? { code: Number(code) } : code;
}

/** In a step, a dollar begins a variable. */
const literal = (text: string): string => text.replaceAll('$', '$$$$');
