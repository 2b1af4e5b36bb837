import type { Container, Image, PodSandbox } from '@slipway/cri';
import { minutes } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerGarbage } from './container-gc.ts';
import { imagesToRemove, usagePercent } from './images/image-gc.ts';
import { defaultPullPolicy, imagePullDecision, withDefaultTag } from './images/image-pull-decision.ts';
import { credentialsFor } from './images/pull-credentials.ts';
import { podEvents } from './pleg/pod-events.ts';

const labels = (uid: string, name: string) => ({ 'io.kubernetes.pod.uid': uid, 'io.kubernetes.container.name': name });

function containerOf(uid: string, name: string, attempt: number, state: Container['state'], podSandboxId = `s-${uid}`): Container {
  const id = `${uid}-${name}-${attempt}`;
  const createdAt = BigInt(attempt);
  return {
    id,
    podSandboxId,
    metadata: { name, attempt },
    image: { image: 'x' },
    imageRef: 'x',
    state,
    createdAt,
    labels: labels(uid, name),
    annotations: {},
  };
}

function sandboxOf(uid: string, attempt: number, state: PodSandbox['state']): PodSandbox {
  const metadata = { name: uid, namespace: 'default', uid, attempt };
  return { id: `s-${uid}-${attempt}`, metadata, state, createdAt: BigInt(attempt), labels: {}, annotations: {} };
}

describe('containerGarbage', () => {
  const containers = [
    containerOf('u', 'app', 0, 'CONTAINER_EXITED'),
    containerOf('u', 'app', 1, 'CONTAINER_EXITED'),
    containerOf('u', 'app', 2, 'CONTAINER_EXITED'),
    containerOf('u', 'app', 3, 'CONTAINER_RUNNING'),
  ];

  it('keeps the newest dead instance of each container', () => {
    expect(containerGarbage(containers, [], () => false).containers.map(({ id }) => id)).toEqual(['u-app-0', 'u-app-1']);
  });

  it('of a pod that is gone nothing dead is kept', () => {
    const { containers: doomed } = containerGarbage(containers, [], () => true);
    expect(doomed.map(({ id }) => id)).toEqual(['u-app-0', 'u-app-1', 'u-app-2']);
  });

  it('keeps the newest sandbox of a pod, and those that are ready or in use', () => {
    const sandboxes = [sandboxOf('u', 0, 'SANDBOX_NOTREADY'), sandboxOf('u', 1, 'SANDBOX_NOTREADY'), sandboxOf('u', 2, 'SANDBOX_NOTREADY')];
    const inUse = [containerOf('u', 'app', 9, 'CONTAINER_EXITED', 's-u-1')];
    expect(containerGarbage(inUse, sandboxes, () => false).sandboxes.map(({ id }) => id)).toEqual(['s-u-0']);
    expect(containerGarbage([], sandboxes, () => true).sandboxes).toHaveLength(3);
  });

  it('never touches what runs', () => {
    const state = fc.constantFrom('CONTAINER_RUNNING', 'CONTAINER_EXITED', 'CONTAINER_CREATED' as const);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('u', 'v'), fc.constantFrom('a', 'b'), state)), fc.boolean(), (list, gone) => {
        const all = list.map(([uid, name, each], index) => containerOf(uid, name, index, each as Container['state']));
        const { containers: doomed } = containerGarbage(all, [], () => gone);
        expect(doomed.some(({ state: each }) => each === 'CONTAINER_RUNNING')).toBe(false);
      }),
    );
  });
});

describe('imagesToRemove', () => {
  const imageOf = (id: string, size: number, pinned = false): Image => ({ id, repoTags: [id], repoDigests: [], size, pinned });
  const images = [imageOf('new', 50), imageOf('old', 50), imageOf('used', 50), imageOf('pinned', 50, true), imageOf('young', 50)];
  const records = new Map(images.map(({ id }) => [id, { firstSeen: id === 'young' ? minutes(59) : 0, lastUsed: id === 'new' ? 2 : 1 }]));

  it('goes by last use, and spares what is used, pinned or young', () => {
    const ids = (bytes: number) => imagesToRemove(images, records, new Set(['used']), bytes, minutes(60)).map(({ id }) => id);
    expect(ids(10)).toEqual(['old']);
    expect(ids(60)).toEqual(['old', 'new']);
    expect(ids(1000)).toEqual(['old', 'new']);
  });

  it('usage is in whole percent', () => {
    expect(usagePercent(1000, 151)).toBe(85);
    expect(usagePercent(1000, 159)).toBe(85);
    expect(usagePercent(1000, 160)).toBe(84);
  });
});

describe('imagePullDecision', () => {
  it.each([
    ['Always', true, false, 'pull'],
    ['IfNotPresent', false, false, 'pull'],
    ['IfNotPresent', true, false, 'present'],
    ['IfNotPresent', true, true, 'pull'],
    ['Never', true, false, 'present'],
    ['Never', false, false, 'never-pull'],
    ['Never', true, true, 'never-pull'],
  ] as const)('%s, present %s, withheld %s: %s', (policy, present, withheld, expected) => {
    expect(imagePullDecision(policy, present, withheld)).toBe(expected);
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['reg.example.com:5000/a/b', 'Always'],
    [`nginx@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
  ])('%s is pulled %s by default', (image, policy) => {
    expect(defaultPullPolicy(image)).toBe(policy);
  });

  it('a reference gets the tag latest, a bad one is told', () => {
    expect(withDefaultTag('reg:5000/app')).toEqual({ image: 'reg:5000/app:latest' });
    expect(withDefaultTag('App')).toEqual({ problem: 'couldn\'t parse image name "App": repository name must be lowercase' });
    expect(withDefaultTag('a b')).toEqual({ problem: 'couldn\'t parse image name "a b": invalid reference format' });
  });

  it('credentials go to the registry that they are for', () => {
    const data = {
      '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { 'reg.example.com': { username: 'u', password: 'p' } } })).toString(
        'base64',
      ),
    };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type: 'kubernetes.io/dockerconfigjson', data } as const;
    expect(credentialsFor('reg.example.com/app:1', [secret])[0]?.auth).toEqual({
      serverAddress: 'reg.example.com',
      username: 'u',
      password: 'p',
    });
    expect(credentialsFor('nginx:1', [secret])).toEqual([]);
    expect(credentialsFor('reg.example.com.evil/app:1', [secret])).toEqual([]);
  });
});

describe('podEvents', () => {
  it.each([
    [undefined, 'running', ['ContainerStarted']],
    ['running', 'exited', ['ContainerDied']],
    ['running', 'running', []],
    ['running', undefined, ['ContainerDied', 'ContainerRemoved']],
    ['exited', undefined, ['ContainerRemoved']],
    [undefined, 'unknown', ['ContainerChanged']],
    [undefined, 'exited', ['ContainerDied']],
  ] as const)('%s to %s: %j', (before, after, expected) => {
    const states = (state: typeof before | typeof after) => new Map(state ? [['c', state] as const] : []);
    expect(podEvents('u', states(before), states(after)).map(({ type }) => type)).toEqual(expected);
  });
});
