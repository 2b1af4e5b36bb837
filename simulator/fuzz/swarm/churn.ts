import { seconds } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import type { StepDocument } from '../../scenario/schema.ts';
import { type Profile, referenceOf, type Workload } from '../profile.ts';
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
      name: 'taint',
      draw(dice, { nodes }) {
        if (nodes.length < 2) return [];
        const taint = { node: dice.pick(nodes), key: 'slipway.dev/away', effect: dice.pick(['NoExecute', 'NoSchedule'] as const) };
        const moment = dice.moment();
        return [
          { at: at(moment), mayFail: true, taint },
          { at: at(moment + seconds(dice.integer(1, 60))), mayFail: true, untaint: taint },
        ];
      },
    },
  ],
  [
    1,
    {
      name: 'machine-comes-and-goes',
      draw(dice) {
        const moment = dice.moment();
        const name = `extra-${dice.nextName()}`;
        const gone = moment + seconds(dice.integer(5, 60));
        return [
          { at: at(moment), mayFail: true, addNodes: { name } },
          { at: at(gone), mayFail: true, removeNode: name },
          // Without a cloud that is asked about it, nobody else does that.
          { at: at(gone + seconds(dice.integer(1, 60))), mayFail: true, delete: `node/${name}` },
        ];
      },
    },
  ],
  [
    1,
    {
      name: 'exec',
      draw: (dice, _profile, { reference }) => [
        { at: at(dice.moment()), mayFail: true, exec: { pod: { podOf: reference }, command: ['true'] } },
      ],
    },
  ],
  [
    1,
    {
      name: 'requests',
      draw(dice, { services, nodes }) {
        if (services.length === 0 || nodes.length === 0) return [];
        const { metadata, spec } = dice.pick(services) as KubeObject & { readonly spec?: { readonly ports?: readonly { port: number }[] } };
        const to = `${metadata.name}.${metadata.namespace ?? 'default'}:${spec?.ports?.[0]?.port ?? 80}`;
        const moment = dice.moment();
        return Array.from({ length: dice.integer(1, 4) }, (_, index) => ({
          at: at(moment + seconds(index)),
          mayFail: true as const,
          request: { from: `node/${dice.pick(nodes)}`, to },
        }));
      },
    },
  ],
  [
    1,
    {
      name: 'service-type',
      draw(dice, { services }) {
        const some = services.filter(
          (object) => (object as { readonly spec?: { readonly clusterIP?: string } }).spec?.clusterIP !== 'None',
        );
        if (some.length === 0) return [];
        const of = referenceOf(dice.pick(some));
        const moment = dice.moment();
        return [
          {
            at: at(moment),
            mayFail: true,
            patch: { of, type: 'merge', with: { spec: { type: dice.pick(['LoadBalancer', 'NodePort']) } } },
          },
          ...(dice.chance(1, 2)
            ? [
                {
                  at: at(moment + seconds(dice.integer(1, 40))),
                  mayFail: true as const,
                  patch: { of, type: 'merge' as const, with: { spec: { type: 'ClusterIP' } } },
                },
              ]
            : []),
        ];
      },
    },
  ],
  [
    1,
    {
      name: 'delete-claim',
      draw: (dice, { claims }) => (claims.length === 0 ? [] : [{ at: at(dice.moment()), mayFail: true, delete: dice.pick(claims) }]),
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
