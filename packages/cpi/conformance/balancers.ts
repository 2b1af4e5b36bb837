import { must } from '@slipway/kernel';
import { isEqual, type Service, type Stored } from '@slipway/kube';
import { cpiCase, twoOf } from './subject.ts';

const STEPS = 40;

/** Balancers of Services. */
export const balancerCases = [
  cpiCase(
    'balancer.name',
    'loadBalancer',
    'name: the same each time, and one for each Service',
    'cloud.go, GetLoadBalancerName',
    async (bench) => {
      const [one, other] = [bench.service(), bench.service()];
      const name = await bench.name(one);
      must(name === (await bench.name(one)), 'the second answer equals the first');
      must(name !== (await bench.name(other)), 'two Services have two names');
    },
  ),
  cpiCase('balancer.absent', 'loadBalancer', 'a Service that was never ensured has none', 'cloud.go, GetLoadBalancer', async (bench) => {
    must(!(await bench.exists(bench.service())), 'nothing exists');
  }),
  cpiCase(
    'balancer.ensure',
    'loadBalancer',
    'ensure: it exists afterwards, with an address or name',
    'cloud.go, EnsureLoadBalancer',
    async (bench) => {
      const service = bench.service();
      const status = await bench.ensure(service, await bench.nodes());
      must((status.ingress ?? []).length > 0, 'the status has an ingress');
      must(await bench.exists(service), 'it exists');
    },
  ),
  cpiCase(
    'balancer.ensure.idempotent',
    'loadBalancer',
    'ensure: the same again changes nothing; other ports keep the address',
    'cloud.go, EnsureLoadBalancer "creates or updates"',
    async (bench) => {
      const service = bench.service();
      const nodes = await bench.nodes();
      const status = await bench.ensure(service, nodes);
      must(isEqual(await bench.ensure(service, nodes), status), 'the second status equals the first');
      const wider: Stored<Service> = { ...service, spec: { ...service.spec, ports: [{ port: 81, nodePort: 31_999, protocol: 'TCP' }] } };
      must(isEqual(await bench.ensure(wider, nodes), status), 'other ports keep the address');
    },
  ),
  cpiCase('balancer.apart', 'loadBalancer', 'two Services have two balancers', 'cloud.go, LoadBalancer; Slipway CPI-07', async (bench) => {
    const [one, other] = [bench.service(), bench.service()];
    const nodes = await bench.nodes();
    const [first, second] = [await bench.ensure(one, nodes), await bench.ensure(other, nodes)];
    must(!isEqual(first, second), 'they have two addresses');
    await bench.remove(one);
    must(await bench.exists(other), 'deleting one leaves the other');
  }),
  cpiCase(
    'balancer.update',
    'loadBalancer',
    'update: fewer nodes, more nodes, none; the balancer stays',
    'cloud.go, UpdateLoadBalancer',
    async (bench) => {
      const service = bench.service();
      const nodes = await bench.nodes();
      const [first] = twoOf(nodes);
      const status = await bench.ensure(service, nodes);
      for (const set of [[first], nodes, []]) {
        await bench.update(service, set);
        must(await bench.exists(service), 'it exists');
      }
      must(isEqual(await bench.ensure(service, nodes), status), 'its address is the same');
    },
  ),
  cpiCase(
    'balancer.delete',
    'loadBalancer',
    'delete: gone afterwards; twice, and of nothing, is success',
    'cloud.go, EnsureLoadBalancerDeleted',
    async (bench) => {
      const service = bench.service();
      await bench.remove(service);
      await bench.ensure(service, await bench.nodes());
      await bench.remove(service);
      must(!(await bench.exists(service)), 'it is gone');
      await bench.remove(service);
    },
  ),
  cpiCase(
    'balancer.order.random',
    'loadBalancer',
    'ensure, update and delete in any order: a balancer exactly for the Services that were ensured last',
    'cloud.go, LoadBalancer; Slipway CPI-06',
    async (bench) => {
      const { random } = bench.subject;
      const nodes = await bench.nodes();
      const services = [bench.service(), bench.service(), bench.service()];
      const wanted = new Set<Stored<Service>>();
      for (let step = 0; step < STEPS; step += 1) {
        const service = random.pick(services);
        const move = random.integer(0, 2);
        if (move === 0) {
          await bench.remove(service);
          wanted.delete(service);
        } else if (move === 1 && wanted.has(service)) await bench.update(service, nodes.slice(random.integer(0, 1)));
        else {
          await bench.ensure(service, nodes);
          wanted.add(service);
        }
        for (const each of services) must((await bench.exists(each)) === wanted.has(each), `${each.metadata.name}: exists only if wanted`);
      }
    },
  ),
];
