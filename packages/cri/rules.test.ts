import { minutes, type Guard } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CriError,
  execRules,
  grpcCodes,
  imageService,
  runPodSandboxRules,
  runtimeService,
  statusRules,
  stopContainerDeadline,
  stopContainerRules,
  containerStatusRules,
} from './index.ts';
import type { ContainerState, ContainerStatus } from './index.ts';

const wrongRequest = <Q>(guard: Guard<Q, never>, request: Q): readonly string[] =>
  (guard.rules ?? []).filter(({ request: check }) => check?.(request) !== undefined).map(({ id }) => id);

describe('rules', () => {
  it('have ids and sources, and no id twice', () => {
    const guards = [...Object.values(runtimeService.methods), ...Object.values(imageService.methods)].map(({ guard }) => guard);
    expect(guards.every((guard) => guard?.codes === grpcCodes)).toBe(true);
    const rules: { readonly id: string; readonly source: string }[] = [];
    for (const guard of guards) rules.push(...(guard?.rules ?? []));
    for (const { id, source } of rules) {
      expect(id).toMatch(/^cri\.[a-z-]+\.[a-z-]+$/);
      expect(source).not.toBe('');
    }
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });

  it('runPodSandbox: name, namespace and uid must all be there', () => {
    fc.assert(
      fc.property(fc.record({ name: fc.string(), namespace: fc.string(), uid: fc.string() }), (metadata) => {
        const complete = metadata.name !== '' && metadata.namespace !== '' && metadata.uid !== '';
        expect(wrongRequest(runPodSandboxRules, { config: { metadata } })).toEqual(
          complete ? [] : ['cri.run-pod-sandbox.metadata-required'],
        );
      }),
    );
  });

  it('stopContainer: a timeout is a whole number of seconds that a number holds exactly', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer(), fc.constant(2 ** 53)), (timeout) => {
        const fine = Number.isSafeInteger(timeout) && timeout >= 0;
        expect(wrongRequest(stopContainerRules, { containerId: 'c', timeout })).toEqual(fine ? [] : ['cri.stop-container.timeout-whole']);
      }),
    );
  });

  it('exec: at least one stream, and no standard error with a terminal', () => {
    fc.assert(
      fc.property(fc.record({ tty: fc.boolean(), stdin: fc.boolean(), stdout: fc.boolean(), stderr: fc.boolean() }), (streams) => {
        const fine = (streams.stdin || streams.stdout || streams.stderr) && !(streams.tty && streams.stderr);
        expect(wrongRequest(execRules, { containerId: 'c', cmd: ['sh'], ...streams })).toEqual(fine ? [] : ['cri.exec.streams']);
      }),
    );
  });

  it('containerStatus: times follow the state', () => {
    const base = {
      id: 'c',
      metadata: { name: 'main' },
      exitCode: 0,
      image: { image: 'i' },
      imageRef: 'i',
      labels: {},
      annotations: {},
      mounts: [],
      createdAt: 1n,
    };
    const states: readonly ContainerState[] = ['CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED'];
    const time = fc.constantFrom(0n, 5n);
    fc.assert(
      fc.property(fc.constantFrom(...states), time, time, (state, startedAt, finishedAt) => {
        const fine = {
          CONTAINER_CREATED: startedAt === 0n && finishedAt === 0n,
          CONTAINER_RUNNING: startedAt > 0n && finishedAt === 0n,
          CONTAINER_EXITED: finishedAt > 0n,
        };
        const status: ContainerStatus = { ...base, state, startedAt, finishedAt };
        const wrong = (containerStatusRules.rules ?? []).some(({ response }) => response?.({ containerId: 'c' }, { status }) !== undefined);
        expect(wrong).toBe(!fine[state as keyof typeof fine]);
      }),
    );
  });

  it('status: both conditions are required', () => {
    const answer = (...types: readonly string[]) => ({ status: { conditions: types.map((type) => ({ type, status: true })) } });
    const check = statusRules.rules?.[0]?.response;
    expect(check?.({}, answer('RuntimeReady', 'NetworkReady'))).toBeUndefined();
    expect(check?.({}, answer('RuntimeReady'))).toContain('NetworkReady');
  });
});

describe('descriptors', () => {
  it('deadlines are the kubelet’s: 2 minutes, 4 for a sandbox, none for a pull, the grace period on top for a stop', () => {
    expect(runtimeService.deadline).toBe(minutes(2));
    expect(runtimeService.methods.runPodSandbox.deadline).toBe(minutes(4));
    expect(imageService.methods.pullImage.deadline).toBeNull();
    expect(stopContainerDeadline(30)).toBe(minutes(2.5));
  });

  it('errors of the link are the spec’s', () => {
    expect(runtimeService.error('UNAVAILABLE', 'gone')).toBeInstanceOf(CriError);
    expect(runtimeService.error('UNAVAILABLE', 'gone')).toMatchObject({ code: 'UNAVAILABLE', message: 'gone' });
  });
});
