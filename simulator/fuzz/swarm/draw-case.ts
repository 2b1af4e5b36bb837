import { formatDuration, type Micros, parseDuration, seconds } from '@slipway/kernel';
import type { ExploreDocument, ScenarioDocument, StepDocument } from '../../scenario/schema.ts';
import { stepTime } from '../../scenario/times.ts';
import type { Profile } from '../profile.ts';
import { drawChurn } from './churn.ts';
import { Dice } from './dice.ts';
import { type SwarmMember, swarm } from './members.ts';
import { lastTime, merged } from './steps.ts';

/** How long a cluster may take to come right again once nothing goes wrong: back-offs and lost calls of some minutes each have to pass. */
const CALM = '15m';

export interface DrawOptions {
  /** Which of the swarm may be drawn. Left out: all. */
  readonly members?: readonly SwarmMember[];
}

/**
 * The case of a seed: the story, what people do meanwhile, what goes wrong, which order and latencies are explored, and a calm at the end.
 * Nothing else than the seed and the story decides about it. What the story expects is left out: it is about the story as it was written.
 * What must hold whatever goes wrong is an invariant.
 */
export function drawCase(
  document: ScenarioDocument,
  profile: Profile,
  seed: number,
  { members = swarm }: DrawOptions = {},
): ScenarioDocument {
  const { spec } = document;
  const steps = spec.steps ?? [];
  const dice = new Dice(
    seed,
    profile,
    steps.map((step) => stepTime(step.at) ?? 0),
  );
  const wrong = drawFaults(dice, profile, members);
  const churn = drawChurn(dice, profile);
  const all = merged(merged(steps, byTime(churn)), byTime(wrong));
  const end = Math.max(lastTime(all), profile.quiet) + drawRest(dice);
  const { duration: _duration, explore, expect: _expect, ...rest } = spec;
  const drawn = explore ?? drawExploration(dice);
  return {
    ...document,
    spec: {
      ...rest,
      seed,
      ...(drawn === undefined ? {} : { explore: drawn }),
      calm: { from: formatDuration(Math.ceil(end / seconds(1)) * seconds(1)), within: CALM, ...(dice.chance(1, 8) ? { stays: CALM } : {}) },
      steps: all,
    },
  };
}

/** How long what is wrong goes on after the last step: now and then so long that nobody waits for a lost node any more. */
function drawRest(dice: Dice): Micros {
  return seconds(dice.chance(1, 8) ? dice.integer(320, 720) : dice.integer(0, 30));
}

/** The story as it was written, with a calm at its end. What it expects of its own end is left out: that is another one. */
export function lastingCalm(document: ScenarioDocument): ScenarioDocument {
  const { duration, calm, expect = [], ...rest } = document.spec;
  const timed = expect.filter(({ at, within, always }) => at !== undefined || within !== undefined || always !== undefined);
  const last = lastTime(rest.steps ?? []);
  const from = Math.max(last, duration === undefined ? 0 : parseDuration(duration));
  return {
    ...document,
    spec: { ...rest, ...(timed.length > 0 ? { expect: timed } : {}), calm: calm ?? { from: formatDuration(from), within: CALM } },
  };
}

function drawFaults(dice: Dice, profile: Profile, members: readonly SwarmMember[]): readonly StepDocument[] {
  if (members.length === 0) return [];
  const count = dice.weighted([
    [2, 0],
    [6, 1],
    [6, 2],
    [4, 3],
    [3, 5],
    [2, 8],
  ]);
  const on = Array.from({ length: count }, () => dice.weighted(members.map((member) => [member.weight ?? 1, member] as const)));
  return on.flatMap((member) =>
    Array.from({
      length: dice.weighted([
        [5, 1],
        [2, 2],
        [1, 4],
      ]),
    }).flatMap(() => member.draw(dice, profile)),
  );
}

function drawExploration(dice: Dice): ExploreDocument | undefined {
  const order = dice.weighted<Pick<ExploreDocument, 'order' | 'changes'>>([
    [4, {}],
    [4, { order: 'random' }],
    [2, { order: 'priority', changes: dice.integer(1, 6) }],
  ]);
  const explore: ExploreDocument = {
    ...order,
    ...(dice.chance(1, 2) ? { jitter: true } : {}),
    ...(dice.chance(1, 4) ? { heavyTail: true } : {}),
  };
  return Object.keys(explore).length > 0 ? explore : undefined;
}

function byTime(steps: readonly StepDocument[]): readonly StepDocument[] {
  return steps.toSorted((a, b) => lastTime([a]) - lastTime([b]));
}
