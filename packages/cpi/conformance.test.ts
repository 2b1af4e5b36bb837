import { type CloudApi, cloudApi } from '@slipway/cloud';
import { type Client, type Implementation, Kernel, link, messageOf, type Process, type Service } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { cpiClients } from './clients.ts';
import { cpiCases, type CpiSubject } from './conformance.ts';
import type * as m from './messages.ts';
import { awsProvider, kindProvider } from './mocks/index.ts';
import type { CpiServices } from './plugin.ts';
import { nodeNamed, smallCloud } from './testing/index.ts';

type Make = (cloud: Client<CloudApi>) => CpiServices;

function connect(make: Make, unknownId: string): CpiSubject & { readonly breaches: string[] } {
  const kernel = new Kernel();
  const [caller, provider] = [kernel.owner('cloud-controller-manager'), kernel.owner('cpi')];
  const cloud = smallCloud();
  for (const name of ['n1', 'n2']) cloud.machine(name);
  cloud.routes.set('192.168.0.0/24', { destinationCidr: '192.168.0.0/24', instanceId: 'i-00000000000000001', state: 'active' });
  const services = make(link<CloudApi>(cloud.api, { service: cloudApi, from: provider, to: kernel.owner('cloud') }));
  const wire = <S>(implementation: Implementation<S>, service: Service<S>): Client<S> =>
    link(implementation, { service, from: caller, to: provider });
  const breaches: string[] = [];
  kernel.events.on('breach', ({ rule }) => void breaches.push(rule));
  return {
    cpi: cpiClients(services, wire),
    nodes: [nodeNamed('n1', 1), nodeNamed('n2', 2)],
    unknown: nodeNamed('n9', 9, unknownId),
    podCidr: '10.244.7.0/24',
    random: kernel.random('orders'),
    settle: <T>(process: Process<T>) => kernel.completeAsync(caller, 'case', process),
    breaches,
  };
}

/** Ids of the cases that fail, and of those that are skipped. */
async function judge(make: Make, unknownId = 'aws:///us-east-1a/i-0ffffffffffffffff') {
  const [failed, skipped, breaches]: [string[], string[], string[]] = [[], [], []];
  for (const { id, run } of cpiCases) {
    const subject = connect(make, unknownId);
    try {
      if (await run(() => subject)) skipped.push(id);
    } catch (error) {
      expect(messageOf(error)).not.toBe('');
      failed.push(id);
    }
    breaches.push(...subject.breaches);
  }
  return { failed, skipped, breaches };
}

const aws: Make = (cloud) => awsProvider({ cloud });

describe('conformance', () => {
  it('aws passes; what it leaves out is skipped', async () => {
    expect(await judge(aws)).toEqual({ failed: [], skipped: ['cpi.instances.v1.unknown'], breaches: [] });
  });

  it('kind passes, without routes and without a single call to the cloud', async () => {
    const { failed, skipped, breaches } = await judge(() => kindProvider(), 'kind://elsewhere');
    expect({ failed, breaches }).toEqual({ failed: [], breaches: [] });
    expect(skipped).toEqual(['cpi.instances.v1.unknown', 'cpi.routes.round-trip', 'cpi.routes.others-untouched']);
  });

  const kind = (break_: (good: CpiServices) => Partial<CpiServices>): Make => {
    return () => {
      const good = kindProvider();
      return { ...good, ...break_(good) };
    };
  };
  const balancer = (methods: object) =>
    kind(({ loadBalancer }) => ({ loadBalancer: Object.assign(Object.create(loadBalancer ?? null), bound(loadBalancer), methods) }));
  let made = 0;
  const faults: Readonly<Record<string, readonly [make: Make, expected: string]>> = {
    'delete that does nothing': [balancer({ ensureLoadBalancerDeleted: () => ({}) }), 'cpi.balancer.delete'],
    'delete of nothing that fails': [
      balancer({
        ensureLoadBalancerDeleted() {
          throw new Error('not found');
        },
      }),
      'cpi.balancer.delete',
    ],
    'ensure that makes another one each time': [
      balancer({ ensureLoadBalancer: () => ({ status: { ingress: [{ hostname: `lb-${(made += 1)}` }] } }) }),
      'cpi.balancer.ensure.idempotent',
    ],
    'ensure without a status': [balancer({ ensureLoadBalancer: () => ({}) }), 'cpi.balancer.ensure'],
    'one name for all': [balancer({ getLoadBalancerName: () => ({ name: 'lb' }) }), 'cpi.balancer.name'],
    'update that fails': [
      balancer({
        updateLoadBalancer() {
          throw new Error('no');
        },
      }),
      'cpi.balancer.update',
    ],
    'exists that is always true': [
      kind(({ instancesV2 }) => ({ instancesV2: { ...bound(instancesV2), instanceExists: () => ({ exists: true }) } as never })),
      'cpi.instances.unknown',
    ],
    'exists that fails for an unknown machine': [
      kind(({ instancesV2 }) => ({
        instancesV2: {
          ...bound(instancesV2),
          instanceExists({ node }: m.NodeRequest) {
            if (node.metadata.name === 'n9') throw new Error('not found');
            return { exists: true };
          },
        } as never,
      })),
      'cpi.instances.unknown',
    ],
    'metadata without an id': [
      kind(({ instancesV2 }) => ({
        instancesV2: {
          ...bound(instancesV2),
          instanceMetadata: () => ({ metadata: { providerId: '', instanceType: '', nodeAddresses: [], zone: '', region: '' } }),
        } as never,
      })),
      'cpi.instances.metadata.by-name',
    ],
    'routes that sweep away what others have made': [
      (cloud) => {
        const good = awsProvider({ cloud });
        return {
          ...good,
          routes: {
            ...bound(good.routes),
            *deleteRoute(): Process<m.Empty> {
              for (const { destinationCidr } of (yield* cloud.describeRoutes({})).routes) yield* cloud.deleteRoute({ destinationCidr });
              return {};
            },
          } as never,
        };
      },
      'cpi.routes.others-untouched',
    ],
  };

  it.each(Object.keys(faults))('%s is found out', async (name) => {
    const [make, expected] = faults[name] as (typeof faults)[string];
    expect((await judge(make, name.includes('routes') ? undefined : 'kind://elsewhere')).failed).toContain(expected);
  });
});

/** The methods of an object's class, as its own members. */
function bound(object: object | undefined): Record<string, unknown> {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(object ?? {})).filter((name) => name !== 'constructor');
  const all = object as Record<string, ((request: unknown) => unknown) | undefined>;
  return Object.fromEntries(methods.map((name) => [name, all[name]?.bind(object)]));
}
