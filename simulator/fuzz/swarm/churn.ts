import { seconds } from '@slipway/kernel';
import type { StepDocument } from '../../scenario/schema.ts';
import type { Profile, Workload } from '../profile.ts';
import type { Dice } from './dice.ts';
import { at } from './steps.ts';

/** What people do to a cluster: nothing of it is wrong. */
interface Change {
  readonly name: string;
  draw(dice: Dice, profile: Profile, workload: Workload): readonly StepDocument[];
}

const changes: readonly (readonly [weight: number, change: Change])[] = [
  [
    4,
    {
      name: 'delete-pod',
      draw: (dice, _profile, { reference }) => [
        {
          at: at(dice.moment()),
          mayFail: true,
          delete: { of: { podOf: reference }, ...(dice.chance(1, 6) ? { force: true } : dice.chance(1, 3) ? { gracePeriod: '1s' } : {}) },
        },
      ],
    },
  ],
  [
    3,
    {
      name: 'scale',
      draw(dice, _profile, { reference, scalable, replicas }) {
        if (!scalable) return [];
        const to = dice.pick([0, 1, Math.max(0, replicas - 1), replicas + 1, replicas]);
        return [{ at: at(dice.moment()), mayFail: true, scale: { of: reference, replicas: to } }];
      },
    },
  ],
  [
    2,
    {
      name: 'roll-out',
      draw(dice, _profile, { reference, object: { kind } }) {
        if (kind === 'Job' || kind === 'ReplicaSet') return [];
        const annotations = { 'slipway.dev/round': String(dice.integer(1, 9)) };
        return [
          { at: at(dice.moment()), mayFail: true, patch: { of: reference, with: { spec: { template: { metadata: { annotations } } } } } },
        ];
      },
    },
  ],
  [
    2,
    {
      name: 'drain',
      draw(dice, { nodes }) {
        if (nodes.length < 2) return [];
        const node = dice.pick(nodes);
        const moment = dice.moment();
        return [
          { at: at(moment), mayFail: true, drain: { node, timeout: dice.span(seconds(5), seconds(60)), force: true } },
          { at: at(moment + seconds(dice.integer(1, 60))), mayFail: true, uncordon: node },
        ];
      },
    },
  ],
  [
    2,
    {
      name: 'delete-and-apply',
      draw(dice, _profile, { reference, object }) {
        const moment = dice.moment();
        const manifest = object as unknown as Record<string, unknown> & { apiVersion: string; kind: string };
        return [
          { at: at(moment), mayFail: true, delete: reference },
          { at: at(moment + seconds(dice.integer(1, 45))), mayFail: true, apply: [manifest] },
        ];
      },
    },
  ],
  [
    1,
    {
      name: 'delete',
      draw: (dice, _profile, { reference }) => [{ at: at(dice.moment()), mayFail: true, delete: reference }],
    },
  ],
];

/** Some changes that people make while the story goes on. */
export function drawChurn(dice: Dice, profile: Profile): readonly StepDocument[] {
  const { workloads } = profile;
  if (workloads.length === 0 || dice.chance(1, 3)) return [];
  return Array.from({
    length: dice.weighted([
      [4, 1],
      [3, 2],
      [2, 4],
      [1, 8],
    ]),
  }).flatMap(() => dice.weighted(changes).draw(dice, profile, dice.pick(workloads)));
}
