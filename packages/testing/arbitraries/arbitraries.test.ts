import { invalidResult, parseNetworkConfig, rules } from '@slipway/cni';
import { createContainerRules, runPodSandboxRules } from '@slipway/cri';
import { cidr, formatIp } from '@slipway/host';
import type { Rule } from '@slipway/kernel';
import { Kernel, milliseconds, sleep } from '@slipway/kernel';
import {
  compareQuantities,
  isQuantity,
  type KubeObject,
  matchesLabelSelector,
  parseQuantity,
  validateCreate,
  withDefaults,
} from '@slipway/kube';
import { decode } from '@slipway/kube/schema';
import { parseReference, tryParseReference } from '@slipway/oci';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryAddRequest,
  arbitraryContainerConfig,
  arbitraryDelRequest,
  arbitraryDeployment,
  arbitraryImage,
  arbitraryKernelOptions,
  arbitraryLabels,
  arbitraryNetworkConfigList,
  arbitraryNode,
  arbitraryPod,
  arbitraryPodSandboxConfig,
  arbitraryQuantity,
  arbitraryReference,
  arbitraryReplicaSet,
  arbitraryResources,
  arbitrarySelectorOf,
  arbitrarySubnet,
} from './index.ts';

/** A check that says by itself what is wrong. */
function always<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, (value) => void check(value)));
}

/** The range without host bits. */
function formatCidr(text: string): string {
  const { network, prefix } = cidr(text);
  return `${formatIp(network)}/${prefix}`;
}

/** What the API server does with what a user sends: reads it, fills in defaults, checks it. */
function refusals(sent: KubeObject): readonly unknown[] {
  const decoded = decode(sent);
  return 'issues' in decoded ? decoded.issues : validateCreate(withDefaults(decoded.object));
}

describe('objects', () => {
  const kinds: Readonly<Record<string, fc.Arbitrary<KubeObject>>> = {
    pod: arbitraryPod(),
    'pod on any node': arbitraryPod({ placement: false, restartPolicy: 'Never', resources: { extended: ['example.com/gpu'] } }),
    deployment: arbitraryDeployment(),
    'replica set': arbitraryReplicaSet(),
    node: arbitraryNode(),
  };

  it.each(Object.keys(kinds))('%s: the API server accepts every one', (name) => {
    fc.assert(
      fc.property(kinds[name] as fc.Arbitrary<KubeObject>, (object) => {
        expect(refusals(object)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('pod: init containers, sidecars, probes, requests and volumes all occur', () => {
    const pods = fc.sample(arbitraryPod(), { numRuns: 100, seed: 1 });
    const containers = pods.flatMap(({ spec }) => [...spec.containers, ...(spec.initContainers ?? [])]);
    expect(pods.some(({ spec }) => spec.initContainers?.some(({ restartPolicy }) => restartPolicy === undefined))).toBe(true);
    expect(pods.some(({ spec }) => spec.initContainers?.some(({ restartPolicy }) => restartPolicy === 'Always'))).toBe(true);
    expect(pods.some(({ spec }) => spec.hostNetwork && spec.containers.some(({ ports = [] }) => ports.length > 0))).toBe(true);
    expect(containers.some(({ readinessProbe }) => readinessProbe?.httpGet)).toBe(true);
    expect(containers.some(({ volumeMounts = [] }) => volumeMounts.length > 0)).toBe(true);
    expect(containers.some(({ resources }) => resources?.requests && resources.limits)).toBe(true);
  });

  it('node: what pods may use is never above capacity', () => {
    fc.assert(
      fc.property(arbitraryNode(), ({ status }) => {
        for (const [resource, amount] of Object.entries(status?.allocatable ?? {})) {
          expect(compareQuantities(amount, status?.capacity?.[resource] ?? '0')).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it('quantity: all can be read and none is negative', () => {
    fc.assert(fc.property(arbitraryQuantity(), (text) => isQuantity(text) && parseQuantity(text).nano >= 0n));
  });

  it('resources: extended ones have a limit equal to the request', () => {
    fc.assert(
      fc.property(arbitraryResources({ extended: ['example.com/gpu'] }), ({ requests, limits }) => {
        expect(requests?.['example.com/gpu']).toBe(limits?.['example.com/gpu']);
      }),
    );
  });

  it('selector of labels: matches them', () => {
    const pairs = arbitraryLabels(1).chain((labels) => fc.tuple(fc.constant(labels), arbitrarySelectorOf(labels)));
    fc.assert(fc.property(pairs, ([labels, selector]) => matchesLabelSelector(selector, labels)));
  });
});

describe('images', () => {
  it('image: every name can be read', () => {
    fc.assert(
      fc.property(arbitraryImage(), (image) => {
        expect(tryParseReference(image)).toBeTypeOf('object');
      }),
    );
  });

  it('reference: what is written is read back', () => {
    fc.assert(
      fc.property(arbitraryReference(), (reference) => {
        const { registry, repository, tag, digest } = reference;
        const text = `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
        expect(parseReference(text)).toEqual(reference);
      }),
    );
  });
});

describe('requests', () => {
  const breaches = <Q>(list: readonly Rule<Q, never>[], request: Q): readonly (string | undefined)[] =>
    list.map((rule) => rule.request?.(request)).filter((problem) => problem !== undefined);

  it('CNI: the spec’s rules hold of ADD and DEL', () => {
    always(arbitraryAddRequest(), (request) => expect(breaches(rules.add, request)).toEqual([]));
    always(arbitraryDelRequest(), (request) => expect(breaches(rules.del, request)).toEqual([]));
  });

  it('CNI: a network configuration reads back, and subnets have no host bits', () => {
    always(arbitraryNetworkConfigList(), (list) => expect(parseNetworkConfig(JSON.stringify(list))).toMatchObject({ ...list }));
    const route = (dst: string) => invalidResult({ cniVersion: '1.1.0', routes: [{ dst }] });
    always(arbitrarySubnet(), (subnet) => expect([route(subnet), formatCidr(subnet)]).toEqual([undefined, subnet]));
  });

  it('CRI: the spec’s rules hold of sandboxes and containers', () => {
    fc.assert(
      fc.property(arbitraryPodSandboxConfig(), arbitraryContainerConfig(), (sandboxConfig, config) => {
        expect(breaches(runPodSandboxRules.rules ?? [], { config: sandboxConfig })).toEqual([]);
        expect(breaches(createContainerRules.rules ?? [], { podSandboxId: 'p', config, sandboxConfig })).toEqual([]);
      }),
    );
  });
});

describe('kernels', () => {
  it('kernel: the same options give the same run', () => {
    const run = (options: ConstructorParameters<typeof Kernel>[0]): readonly string[] => {
      const kernel = new Kernel(options);
      const order: string[] = [];
      for (const name of ['a', 'b', 'c', 'd']) {
        kernel.owner(name).spawn(
          name,
          (function* () {
            yield* sleep(milliseconds(1));
            order.push(name);
          })(),
        );
      }
      kernel.run();
      return order;
    };
    always(arbitraryKernelOptions(), (options) => expect(run(options)).toEqual(run(options)));
    const orders = fc.sample(arbitraryKernelOptions(), { numRuns: 50, seed: 1 }).map((options) => run(options).join(''));
    expect(new Set(orders).size).toBeGreaterThan(1);
  });
});
