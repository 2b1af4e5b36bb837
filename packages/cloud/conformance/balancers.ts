import { must } from '@slipway/kernel';
import type { CreateLoadBalancerRequest } from '../messages.ts';
import { type CloudBench, cloudCase } from './subject.ts';

const source = 'CloudApi, balancers; Elastic Load Balancing API Reference';
const noNetwork = { skipped: 'the cloud has no share of the data path' };

async function order(bench: CloudBench): Promise<CreateLoadBalancerRequest> {
  const { here, beside } = await bench.places();
  return {
    name: 'a0123456789abcdef0123456789abcde',
    listeners: [{ protocol: 'TCP', port: 80, targetPort: 30_080 }],
    healthCheck: { protocol: 'TCP', port: 30_080 },
    targets: [here.instanceId, beside.instanceId],
  };
}

const untilActive = (bench: CloudBench, name: string) =>
  bench.until(
    `${name} is active`,
    () => bench.cloud.describeLoadBalancers({ names: [name] }),
    ({ loadBalancers }) => loadBalancers[0]?.state === 'active',
  );

/** What a cloud does with balancers and routes. */
export const balancerCases = [
  cloudCase('balancers.create', 'createLoadBalancer: makes one of each name', source, async (bench) => {
    const wanted = await order(bench);
    const { loadBalancer } = await bench.settle(bench.cloud.createLoadBalancer(wanted));
    must(loadBalancer.dnsName !== '', 'it has a name for clients');
    const again = await bench.settle(bench.cloud.createLoadBalancer(wanted));
    must(again.loadBalancer.dnsName === loadBalancer.dnsName, 'the same order has the same one');
    await bench.refused(
      bench.cloud.createLoadBalancer({ ...wanted, listeners: [{ protocol: 'TCP', port: 81, targetPort: 30_080 }] }),
      'DuplicateLoadBalancerName',
      'its name with other listeners',
    );
    await bench.refused(
      bench.cloud.createLoadBalancer({ ...wanted, name: 'no-listeners', listeners: [] }),
      'InvalidConfigurationRequest',
      'one that listens on nothing',
    );
    await bench.refused(
      bench.cloud.createLoadBalancer({ ...wanted, name: 'no-target', targets: ['i-00000000000000bad'] }),
      'InvalidInstance',
      'a target that is no machine',
    );
    await untilActive(bench, wanted.name);
    await bench.settle(bench.cloud.deleteLoadBalancer({ name: wanted.name }));
    await bench.settle(bench.cloud.deleteLoadBalancer({ name: wanted.name }));
    must((await bench.settle(bench.cloud.describeLoadBalancers({ names: [wanted.name] }))).loadBalancers.length === 0, 'it is gone');
    await bench.refused(bench.cloud.modifyLoadBalancer({ name: wanted.name }), 'LoadBalancerNotFound', 'changing it then');
  }),
  cloudCase('balancers.modify', 'modifyLoadBalancer: what is given is replaced, what is left out stays', source, async (bench) => {
    const wanted = await order(bench);
    await bench.settle(bench.cloud.createLoadBalancer(wanted));
    const targets = wanted.targets.slice(0, 1);
    const { loadBalancer } = await bench.settle(bench.cloud.modifyLoadBalancer({ name: wanted.name, targets }));
    must(JSON.stringify(loadBalancer.targets) === JSON.stringify(targets), 'the targets are replaced');
    must(JSON.stringify(loadBalancer.listeners) === JSON.stringify(wanted.listeners), 'the listeners stay');
    const listeners = [{ protocol: 'TCP', port: 443, targetPort: 30_443 }] as const;
    const { loadBalancer: changed } = await bench.settle(
      bench.cloud.modifyLoadBalancer({ name: wanted.name, listeners, sourceRanges: ['10.0.0.0/8'] }),
    );
    must(JSON.stringify(changed.listeners) === JSON.stringify(listeners), 'the listeners are replaced');
    must(JSON.stringify(changed.sourceRanges) === '["10.0.0.0/8"]', 'the source ranges are replaced');
    must(JSON.stringify(changed.targets) === JSON.stringify(targets), 'the targets stay');
  }),
  cloudCase('balancers.traffic', 'balancers: an active one sends to targets with power', source, async (bench) => {
    const { network, dataCentre } = bench.subject;
    if (!network) return noNetwork;
    const wanted = await order(bench);
    const { here, beside } = await bench.places();
    const { loadBalancer } = await bench.settle(bench.cloud.createLoadBalancer(wanted));
    await untilActive(bench, wanted.name);
    const [address] = network.resolve(loadBalancer.dnsName);
    must(address !== undefined, 'its name has an address');
    const targets = (): readonly string[] => network.balance(address, 80, 'TCP')?.targets ?? [];
    const shown = (names: readonly string[]): string => [...names].sort().join();
    const both = shown([here.name, beside.name]);
    await bench.until(
      'both targets are in service',
      () => bench.cloud.describeZones({}),
      () => shown(targets()) === both,
    );
    must(network.balance(address, 80, 'TCP')?.targetPort === 30_080, 'it sends to the node port');
    must(network.balance(address, 81, 'TCP') === undefined, 'nothing listens on another port');
    must(network.balance(address, 80, 'UDP') === undefined, 'nor under another protocol');
    dataCentre.powerOff(here.name);
    await bench.until(
      'the one without power is out',
      () => bench.cloud.describeZones({}),
      () => shown(targets()) === beside.name,
    );
    dataCentre.powerOn(here.name);
    await bench.until(
      'it comes back',
      () => bench.cloud.describeZones({}),
      () => shown(targets()) === both,
    );
    await bench.settle(bench.cloud.deleteLoadBalancer({ name: wanted.name }));
    must(network.resolve(loadBalancer.dnsName).length === 0, 'a deleted one has no address');
    must(network.balance(address, 80, 'TCP') === undefined, 'and takes no connection');
    return undefined;
  }),
  cloudCase(
    'routes',
    'routes: lead to a machine as long as it is there',
    'CloudApi, routes; Amazon VPC User Guide, "Route tables"',
    async (bench) => {
      const { here, beside } = await bench.places();
      const { network } = bench.subject;
      const narrow = { destinationCidr: '10.244.1.0/24', instanceId: here.instanceId };
      await bench.settle(bench.cloud.createRoute({ destinationCidr: '10.244.0.0/16', instanceId: beside.instanceId }));
      await bench.settle(bench.cloud.createRoute(narrow));
      await bench.refused(bench.cloud.createRoute(narrow), 'RouteAlreadyExists', 'a second route to one range');
      await bench.refused(
        bench.cloud.createRoute({ destinationCidr: '10.245.0.0/16', instanceId: 'i-00000000000000bad' }),
        'InvalidInstanceID.NotFound',
        'a route to no machine',
      );
      const { routes } = await bench.settle(bench.cloud.describeRoutes({}));
      must(routes.length === 2 && routes.every(({ state }) => state === 'active'), 'both lead somewhere');
      if (network) {
        must(network.routed('10.244.1.9') === here.name, 'the longest match counts');
        must(network.routed('10.244.2.9') === beside.name, 'else the shorter one');
        must(network.routed('10.9.9.9') === undefined, 'other addresses lead nowhere');
      }
      await bench.settle(bench.cloud.terminateInstance({ instanceId: here.instanceId }));
      await bench.untilInstance(here.instanceId, 'terminated');
      const after = await bench.settle(bench.cloud.describeRoutes({}));
      must(
        after.routes.find(({ destinationCidr }) => destinationCidr === narrow.destinationCidr)?.state === 'blackhole',
        'its route is a black hole',
      );
      if (network) must(network.routed('10.244.1.9') === undefined, 'which swallows what is sent there');
      await bench.settle(bench.cloud.deleteRoute(narrow));
      await bench.refused(bench.cloud.deleteRoute(narrow), 'InvalidRoute.NotFound', 'deleting it again');
    },
  ),
];
