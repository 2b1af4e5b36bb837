import { messageOf } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { meshCases, type MeshSubject } from './conformance.ts';
import { running } from './conformance/objects.ts';
import type { MeshServices } from './plugin.ts';
import { linkerd, none } from './mocks/index.ts';
import { MeshWorld } from './testing/mesh-world.ts';

const everything = { identity: true, split: true, access: true, metrics: true };

async function outcomes(connect: () => MeshWorld, more: Pick<MeshSubject, 'can' | 'balance'>): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const { id, run } of meshCases) {
    const worlds: MeshWorld[] = [];
    try {
      const verdict = await run(() => {
        const world = connect();
        worlds.push(world);
        return world.subject(more);
      });
      const [breach] = worlds.flatMap(({ breaches }) => breaches);
      found[id] = breach ?? (verdict ? `skipped: ${verdict.skipped}` : 'passed');
    } catch (error) {
      found[id] = messageOf(error);
    }
  }
  return found;
}

const closed = { defaultInboundPolicy: 'deny' };
const failures = (found: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(found).filter(([, outcome]) => outcome !== 'passed'));

describe('conformance', () => {
  it('ids are unique and sources are named', () => {
    expect(new Set(meshCases.map(({ id }) => id)).size).toBe(meshCases.length);
    expect(meshCases.filter(({ source }) => source === '')).toEqual([]);
  });

  it('linkerd with access control on passes every case', async () => {
    expect(failures(await outcomes(() => new MeshWorld(linkerd as never, closed), { can: everything, balance: 'exact' }))).toEqual({});
  });

  it('linkerd with sidecars passes every case', async () => {
    const options = { ...closed, nativeSidecar: true };
    expect(failures(await outcomes(() => new MeshWorld(linkerd as never, options), { can: everything, balance: 'exact' }))).toEqual({});
  });

  it('linkerd as it comes: cases find out that nobody is kept out, and all others pass', async () => {
    const found = failures(await outcomes(() => new MeshWorld(linkerd as never), {}));
    expect(Object.keys(found).sort()).toEqual(
      meshCases
        .filter(({ id }) => id.startsWith('smi.access.'))
        .map(({ id }) => id)
        .sort(),
    );
    for (const outcome of Object.values(found)) expect(outcome).toMatch(/^skipped: .*access/);
  });

  it('no mesh: what it does not do is skipped, the rest passes', async () => {
    const found = await outcomes(() => new MeshWorld(none as never), {});
    expect(Object.values(found).every((outcome) => outcome === 'passed' || outcome.startsWith('skipped'))).toBe(true);
    expect(found['smi.inject.idempotent']).toBe('passed');
    expect(found['smi.split.zero-weight']).toMatch(/^skipped/);
  });

  it('a mesh that claims what it does not do fails', async () => {
    const found = failures(await outcomes(() => new MeshWorld(none as never), { can: everything }));
    for (const id of ['smi.identity.service-account', 'smi.split.shares', 'smi.access.deny-by-default', 'smi.metrics.counts']) {
      expect(found[id]).toBeDefined();
      expect(found[id]).not.toMatch(/^skipped/);
    }
  });
});

/** Answers of a mesh, changed on their way out. */
type Spoiler = (good: MeshServices) => Partial<MeshServices>;

function* later<T>(answer: unknown, change: (value: T) => T): Generator<never, T> {
  const isProcess = typeof answer === 'object' && answer !== null && Symbol.iterator in answer;
  return change(isProcess ? ((yield* answer as unknown as Generator<never, T>) satisfies T) : (answer as T));
}

describe('conformance finds out', () => {
  const bugs: Readonly<Record<string, readonly [spoil: Spoiler, caught: string]>> = {
    'an injector that adds another proxy each time': [
      (good) => ({
        inject(request) {
          const { pod } = good.inject(request) as { pod?: typeof request.pod };
          const injected = pod ?? request.pod;
          return {
            pod: {
              ...injected,
              spec: {
                ...injected.spec,
                containers: [...injected.spec.containers, { name: `proxy-${injected.spec.containers.length}`, image: 'p' }],
              },
            },
          };
        },
      }),
      'smi.inject.idempotent',
    ],
    'an injector that drops an annotation': [
      (good) => ({
        inject(request) {
          const { pod } = good.inject(request) as { pod?: typeof request.pod };
          if (!pod) return {};
          const { note: _note, ...annotations } = pod.metadata.annotations ?? {};
          return { pod: { ...pod, metadata: { ...pod.metadata, annotations } } };
        },
      }),
      'smi.inject.only-adds',
    ],
    'an injector that renames the pod': [
      (good) => ({
        inject(request) {
          const { pod } = good.inject(request) as { pod?: typeof request.pod };
          return pod ? { pod: { ...pod, metadata: { ...pod.metadata, name: 'other' } } } : {};
        },
      }),
      'smi.inject.only-adds',
    ],
    'an injector that asks nobody': [
      (good) => ({
        inject: (request) =>
          good.inject({
            ...request,
            pod: { ...request.pod, metadata: { ...request.pod.metadata, annotations: { 'linkerd.io/inject': 'enabled' } } },
          }),
      }),
      'smi.inject.asked-for',
    ],
    'identities that are pods': [
      (good) => ({
        *identity(request) {
          return yield* later<{ identity?: { namespace: string; serviceAccount: string; name: string } }>(
            good.identity(request),
            ({ identity }) => (identity ? { identity: { ...identity, name: request.pod.metadata.name } } : {}),
          );
        },
      }),
      'smi.identity.same-account',
    ],
    'identities for everybody': [
      () => ({
        identity: ({ pod }) => ({
          identity: { namespace: pod.metadata.namespace ?? '', serviceAccount: pod.spec.serviceAccountName ?? 'default', name: 'someone' },
        }),
      }),
      'smi.identity.outside',
    ],
    'weights that nobody looks at': [
      (good) => {
        let turn = 0;
        return {
          *route(request) {
            return yield* later<{ to: typeof request.to; split?: string }>(good.route(request), (answer) =>
              answer.split === undefined ? answer : { ...answer, to: { ...answer.to, service: `web-v${((turn += 1) % 2) + 1}` } },
            );
          },
        };
      },
      'smi.split.zero-weight',
    ],
    'a turn that all clients share': [
      (good) => ({
        route: (request) =>
          good.route(
            request.from ? { ...request, from: { ...request.from, metadata: { ...request.from.metadata, uid: 'one' } } } : request,
          ),
      }),
      'smi.split.per-client',
    ],
    'splits for everybody': [
      (good) => {
        const anyone = running(
          { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ name: 'linkerd-proxy' }] } },
          'x',
        );
        return { route: (request) => good.route({ ...request, from: anyone }) };
      },
      'smi.split.outside',
    ],
    "a port of the backend's own choice": [
      (good) => ({
        *route(request) {
          return yield* later<{ to: typeof request.to; split?: string }>(good.route(request), (answer) =>
            answer.split === undefined ? answer : { ...answer, to: { ...answer.to, port: 81 } },
          );
        },
      }),
      'smi.split.says-who',
    ],
    'a mesh that lets everybody in': [() => ({ authorise: () => ({ allowed: true, reason: 'welcome' }) }), 'smi.access.deny-by-default'],
    'a mesh that lets nobody in': [() => ({ authorise: () => ({ allowed: false, reason: 'no' }) }), 'smi.access.allowed'],
    'a denial without a reason': [
      (good) => ({
        *authorise(request) {
          return yield* later<{ allowed: boolean; reason: string }>(good.authorise(request), (answer) => ({ ...answer, reason: '' }));
        },
      }),
      'smi.access.deny-by-default',
    ],
    'a receiver that looks at HTTP only': [
      (good) => ({ authorise: (request) => good.authorise({ ...request, port: 8080 }) }),
      'smi.access.ports',
    ],
    'a receiver that looks at ports only': [
      (good) => ({ authorise: (request) => good.authorise({ ...request, http: { method: 'GET', path: '/metrics', headers: {} } }) }),
      'smi.access.allowed',
    ],
    'accounts without their namespace': [
      (good) => ({
        authorise: (request) =>
          good.authorise(request.source ? { ...request, source: { ...request.source, namespace: 'default' } } : request),
      }),
      'smi.access.sources',
    ],
    'every request counted twice': [
      (good) => ({
        observe(request) {
          void good.observe(request);
          return good.observe(request);
        },
      }),
      'smi.metrics.counts',
    ],
    'failures that count as successes': [
      (good) => ({ observe: (request) => good.observe({ ...request, success: true }) }),
      'smi.metrics.counts',
    ],
    'latencies that are forgotten': [(good) => ({ observe: (request) => good.observe({ ...request, latency: 1 }) }), 'smi.metrics.latency'],
    'splits that are measured as a whole': [
      (good) => ({ observe: (request) => good.observe({ ...request, to: { ...request.to, service: 'web-v1' } }) }),
      'smi.metrics.splits',
    ],
    'senders that are forgotten': [
      (good) => ({
        observe({ source: _source, ...request }) {
          return good.observe(request);
        },
      }),
      'smi.metrics.edges',
    ],
  };

  it.each(Object.keys(bugs))('%s', async (name) => {
    const [spoil, caught] = bugs[name] as (typeof bugs)[string];
    const whole = (good: MeshServices): MeshServices => ({
      inject: (request) => good.inject(request),
      identity: (request) => good.identity(request),
      route: (request) => good.route(request),
      authorise: (request) => good.authorise(request),
      observe: (request) => good.observe(request),
      metrics: (request) => (good.metrics as NonNullable<MeshServices['metrics']>)(request),
      ...spoil(good),
    });
    const found = failures(await outcomes(() => new MeshWorld(linkerd as never, closed, whole), { can: everything, balance: 'exact' }));
    expect(Object.keys(found)).toContain(caught);
    expect(found[caught]).not.toMatch(/^skipped/);
  });
});
