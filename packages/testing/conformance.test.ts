import { type AddRequest, type Cni, type DelRequest, type PluginConfig, type Result } from '@slipway/cni';
import { cniCases, type CniSubject } from '@slipway/cni/conformance';
import { bridge, referencePlugins } from '@slipway/cni/mocks';
import { criCases } from '@slipway/cri/conformance';
import { containerd } from '@slipway/cri/mocks';
import type { ConformanceCase } from '@slipway/kernel';
import { makeOciSubject, ociRuntimeCases } from '@slipway/oci/conformance';
import { OciRegistry, Runc } from '@slipway/oci/mocks';
import { definePlugin } from '@slipway/plugin';
import { programs } from '@slipway/programs';
import { describe, expect, it } from 'vitest';
import { cniSubject, ConformanceError, criSubject, describeConformance, runCase } from './index.ts';

const config: PluginConfig = {
  cniVersion: '1.1.0',
  name: 'pods',
  type: 'bridge',
  isDefaultGateway: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.9.0.0/29' }]] },
};

// The adapter as a plugin's author uses it.
describeConformance({ describe, it }, 'bridge', cniCases, () => cniSubject(bridge, { config, capacity: 5 }));
describeConformance(
  { describe, it },
  'containerd',
  criCases.filter(({ id }) => /pod-sandbox|stop-container/.test(id)),
  () =>
    criSubject(containerd, {
      cni: referencePlugins,
      oci: (host) => new Runc(host),
      registry: () => new OciRegistry(),
      programs: programs(),
    }),
);
describeConformance({ describe, it }, 'runc', ociRuntimeCases.slice(0, 3), () => makeOciSubject({ runtime: (host) => new Runc(host) }));

const caseOf = (run: ConformanceCase<object>['run']): ConformanceCase<object> => ({
  id: 'x.y',
  title: 'x: holds',
  source: 'Spec, "X"',
  run,
});

/** A test runner that only keeps what it is told. */
function recorder() {
  const tests: { readonly title: string; readonly body: (...context: readonly unknown[]) => Promise<void> }[] = [];
  const groups: string[] = [];
  const runner = {
    describe(title: string, body: () => void) {
      groups.push(title);
      body();
    },
    it: (title: string, body: (...context: readonly unknown[]) => Promise<void>) => void tests.push({ title, body }),
  };
  return { tests, groups, runner };
}

describe('conformance adapter', () => {
  it('titles: a group, and in it each case by title and id', () => {
    const { tests, groups, runner } = recorder();
    describeConformance(runner, 'mine', [caseOf(async () => undefined)], () => ({}));
    expect([groups, tests.map(({ title, body }) => [title, body.length])]).toEqual([['mine'], [['x: holds (x.y)', 0]]]);
  });

  it('failure: the message has the id, what did not hold, and the source', async () => {
    const { tests, runner } = recorder();
    const failing = caseOf(async () => {
      throw new Error('expected: it holds');
    });
    describeConformance(runner, 'mine', [failing], () => ({}));
    await expect(tests[0]?.body()).rejects.toThrow('x.y: expected: it holds\nsource: Spec, "X"');
  });

  it('skip: told to a context that can skip, passed over otherwise', async () => {
    const { tests, runner } = recorder();
    const reasons: string[] = [];
    describeConformance(runner, 'mine', [caseOf(async () => ({ skipped: 'no GC' }))], () => ({}));
    await tests[0]?.body({ skip: (reason: string) => void reasons.push(reason) });
    await tests[0]?.body();
    expect(reasons).toEqual(['no GC']);
  });

  it('breach: an answer against the spec fails a case that did not look', async () => {
    const sloppy = definePlugin({
      interface: 'cni',
      name: 'sloppy',
      create: ({ host }) => {
        const good: Cni = referencePlugins(host as NonNullable<typeof host>);
        return {
          add: (request: AddRequest): Result => ({ ...good.add(request), ips: [{ address: 'nonsense' }] }),
          del: (request: DelRequest) => good.del(request),
        };
      },
    });
    const looksAway: ConformanceCase<CniSubject> = {
      ...caseOf(async () => undefined),
      async run(connect) {
        const subject = await connect();
        const request = { containerId: 'a', netns: subject.makeNamespace(), ifname: 'eth0', config };
        await subject.settle(subject.cni.add(request)).catch(() => undefined);
      },
    };
    const outcome = runCase(looksAway, () => cniSubject(sloppy, { config }));
    await expect(outcome).rejects.toThrow(ConformanceError);
    await expect(outcome).rejects.toThrow('"nonsense" is no address with prefix length');
  });
});
