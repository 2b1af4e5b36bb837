import { type CloudApi, cloudApi, type CloudRoute, type Instance, type LoadBalancer } from '@slipway/cloud';
import { CallError, Cell, type Implementation } from '@slipway/kernel';

/** What tests look at and change behind the API's back. */
export interface SmallCloud {
  readonly api: Implementation<CloudApi>;
  readonly instances: Map<string, Instance>;
  readonly balancers: Map<string, LoadBalancer>;
  readonly routes: Map<string, CloudRoute>;
  /** Set by whoever changes machines or routes. */
  readonly changed: Cell<number>;
  /** Names of all methods that were worked on, in order. */
  readonly calls: string[];
  /** Adds a running machine named as its node. */
  machine(name: string, more?: Partial<Instance>): Instance;
}

/** Machines, balancers and routes in three maps, for tests of providers: every order is carried out at once. */
export function smallCloud(): SmallCloud {
  const instances = new Map<string, Instance>();
  const balancers = new Map<string, LoadBalancer>();
  const routes = new Map<string, CloudRoute>();
  const changed = new Cell(0);
  const calls: string[] = [];
  const own: Partial<Implementation<CloudApi>> = {
    describeZones: () => ({ region: 'us-east-1', zones: ['us-east-1a', 'us-east-1b'] }),
    describeInstances({ instanceIds, names }) {
      for (const id of instanceIds ?? []) {
        if (!instances.has(id)) throw new CallError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
      }
      const chosen = [...instances.values()].filter(
        ({ instanceId, name }) => (instanceIds?.includes(instanceId) ?? true) && (names?.includes(name) ?? true),
      );
      return { instances: chosen };
    },
    createLoadBalancer({ name, kind = 'classic', scheme = 'internet-facing', listeners, healthCheck, targets, sourceRanges, tags }) {
      const there = balancers.get(name);
      if (there && there.kind !== kind) throw new CallError('DuplicateLoadBalancerName', `${name} exists with other settings`);
      const made: LoadBalancer = {
        name,
        kind,
        scheme,
        listeners,
        healthCheck,
        targets,
        sourceRanges: sourceRanges ?? ['0.0.0.0/0'],
        tags: tags ?? {},
        dnsName: `${name}.us-east-1.elb.amazonaws.com`,
        state: 'active',
      };
      balancers.set(name, made);
      return { loadBalancer: made };
    },
    modifyLoadBalancer({ name, ...change }) {
      const there = balancers.get(name);
      if (!there) throw new CallError('LoadBalancerNotFound', `There is no ACTIVE Load Balancer named '${name}'`);
      const loadBalancer = { ...there, ...change };
      balancers.set(name, loadBalancer);
      return { loadBalancer };
    },
    describeLoadBalancers: ({ names }) => ({
      loadBalancers: [...balancers.values()].filter(({ name }) => names?.includes(name) ?? true),
    }),
    deleteLoadBalancer({ name }) {
      balancers.delete(name);
      return {};
    },
    describeRoutes: () => ({ routes: [...routes.values()].sort((a, b) => (a.destinationCidr < b.destinationCidr ? -1 : 1)) }),
    createRoute({ destinationCidr, instanceId }) {
      if (routes.has(destinationCidr)) throw new CallError('RouteAlreadyExists', `The route ${destinationCidr} already exists`);
      routes.set(destinationCidr, { destinationCidr, instanceId, state: 'active' });
      changed.set(changed.value + 1);
      return {};
    },
    deleteRoute({ destinationCidr }) {
      if (!routes.delete(destinationCidr)) throw new CallError('InvalidRoute.NotFound', `no route ${destinationCidr}`);
      changed.set(changed.value + 1);
      return {};
    },
  };
  const refuse = (method: string) => (): never => {
    throw new CallError('UnsupportedOperation', `the small cloud has no ${method}`);
  };
  const count = <Q, R>(method: string, work: (request: Q) => R) => {
    return (request: Q): R => {
      calls.push(method);
      return work(request);
    };
  };
  const all = Object.keys(cloudApi.methods).map((method) => {
    const work = own[method as keyof CloudApi] as ((request: never) => unknown) | undefined;
    return [method, count(method, work ?? refuse(method))];
  });
  return {
    api: Object.fromEntries(all) as Implementation<CloudApi>,
    instances,
    balancers,
    routes,
    changed,
    calls,
    machine(name, more = {}) {
      const at = instances.size + 1;
      const instance: Instance = {
        instanceId: `i-${String(at).padStart(17, '0')}`,
        name,
        instanceType: 'm5.xlarge',
        zone: 'us-east-1a',
        state: 'running',
        privateIp: `172.18.0.${at}`,
        privateDns: `ip-172-18-0-${at}.ec2.internal`,
        tags: {},
        ...more,
      };
      instances.set(instance.instanceId, instance);
      return instance;
    },
  };
}
