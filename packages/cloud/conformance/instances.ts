import { must, seconds, sleep } from '@slipway/kernel';
import { cloudCase } from './subject.ts';

const source = 'CloudApi, machines; Amazon EC2 User Guide, "Instance lifecycle"';

/** What a cloud does with machines. */
export const instanceCases = [
  cloudCase('instances.describes-machines', 'instances: every machine of the data centre is one, with its state', source, async (bench) => {
    const { machines } = bench.subject.dataCentre;
    const { instances } = await bench.settle(bench.cloud.describeInstances({}));
    must(instances.length === machines.size, 'as many as there are machines');
    const { zones } = await bench.settle(bench.cloud.describeZones({}));
    for (const { name, state, zone, privateIp, instanceId } of instances) {
      const machine = machines.get(name);
      must(machine !== undefined, `${name} is a machine`);
      must(state === (machine.host.on ? 'running' : 'stopped'), `${name} is ${state}`);
      must(zones.includes(zone), `the zone ${zone} of ${name} is one of the region`);
      must(machine.zone === undefined || machine.zone === zone, `${name} is in its own zone`);
      must(privateIp === machine.address.split('/')[0], `${name} has its machine's address`);
      must((await bench.instance(instanceId)).name === name, 'an id finds its machine again');
    }
  }),
  cloudCase(
    'instances.by-name',
    'instances: an unknown name is left out of the answer, an unknown id is refused',
    source,
    async (bench) => {
      const { here } = await bench.places();
      const { instances } = await bench.settle(bench.cloud.describeInstances({ names: [here.name, 'nobody'] }));
      must(instances.length === 1 && instances[0]?.instanceId === here.instanceId, 'the name finds its machine and no other');
      await bench.refused(
        bench.cloud.describeInstances({ instanceIds: ['i-00000000000000bad'] }),
        'InvalidInstanceID.NotFound',
        'an unknown id',
      );
    },
  ),
  cloudCase('instances.power', 'instances: one that is stopped has no power until it is started', source, async (bench) => {
    const { here } = await bench.places();
    const hasPower = () => bench.subject.dataCentre.machines.get(here.name)?.host.on;
    const { instanceId } = here;
    await bench.settle(bench.cloud.stopInstance({ instanceId }));
    await bench.untilInstance(instanceId, 'stopped');
    must(hasPower() === false, 'the machine has no power');
    await bench.settle(bench.cloud.stopInstance({ instanceId }));
    await bench.settle(bench.cloud.startInstance({ instanceId }));
    await bench.untilInstance(instanceId, 'running');
    must(hasPower() === true, 'the machine has power again');
    await bench.settle(bench.cloud.startInstance({ instanceId }));
  }),
  cloudCase('instances.run', 'runInstance: makes one machine, however often the same order comes', source, async (bench) => {
    const before = bench.subject.dataCentre.machines.size;
    const order = { clientToken: bench.token(), name: 'conformance-machine' };
    const { instance } = await bench.settle(bench.cloud.runInstance(order));
    const again = await bench.settle(bench.cloud.runInstance(order));
    must(again.instance.instanceId === instance.instanceId, 'the same order has the same machine');
    await bench.untilInstance(instance.instanceId, 'running');
    must((await bench.settle(bench.cloud.runInstance(order))).instance.instanceId === instance.instanceId, 'also when it is running');
    must(bench.subject.dataCentre.machines.size === before + 1, 'there is one machine more');
    must(bench.subject.dataCentre.machines.get(order.name)?.host.on === true, 'it has power');
    await bench.refused(
      bench.cloud.runInstance({ ...order, name: 'other' }),
      'IdempotentParameterMismatch',
      'its token with another order',
    );
    await bench.refused(
      bench.cloud.runInstance({ clientToken: bench.token(), name: order.name }),
      'InvalidParameterValue',
      'another order of a name that is taken',
    );
  }),
  cloudCase(
    'instances.terminate',
    'terminateInstance: the machine is gone for good, stays visible, and can be terminated again',
    source,
    async (bench) => {
      const { here } = await bench.places();
      const { instanceId } = here;
      await bench.settle(bench.cloud.terminateInstance({ instanceId }));
      await bench.untilInstance(instanceId, 'terminated');
      must(!bench.subject.dataCentre.machines.has(here.name), 'the machine is gone');
      await bench.settle(bench.cloud.terminateInstance({ instanceId }));
      await bench.refused(bench.cloud.startInstance({ instanceId }), 'IncorrectInstanceState', 'starting a terminated machine');
    },
  ),
  cloudCase('instances.namesake', 'runInstance: a later machine of the same name is another one', source, async (bench) => {
    const { here } = await bench.places();
    await bench.settle(bench.cloud.terminateInstance({ instanceId: here.instanceId }));
    await bench.untilInstance(here.instanceId, 'terminated');
    const { instance } = await bench.settle(bench.cloud.runInstance({ clientToken: bench.token(), name: here.name }));
    must(instance.instanceId !== here.instanceId, 'it has an id of its own');
    await bench.untilInstance(instance.instanceId, 'running');
    must((await bench.instance(here.instanceId)).state === 'terminated', 'the first one stays terminated');
  }),
  cloudCase('instances.hardware', 'instances: power that goes or comes by other means shows', source, async (bench) => {
    const { here, beside } = await bench.places();
    const { dataCentre } = bench.subject;
    dataCentre.powerOff(here.name);
    must((await bench.instance(here.instanceId)).state === 'stopped', 'a machine without power is stopped');
    dataCentre.powerOn(here.name);
    must((await bench.instance(here.instanceId)).state === 'running', 'a machine with power is running');
    dataCentre.remove(beside.name);
    await bench.settle(sleep(seconds(1)));
    must((await bench.instance(beside.instanceId)).state === 'terminated', 'a machine that was taken away is terminated');
  }),
  cloudCase('zones', 'describeZones: the region has zones, and machines go into them', source, async (bench) => {
    const { region, zones } = await bench.settle(bench.cloud.describeZones({}));
    must(region !== '' && zones.length > 0, 'there is a region with a zone');
    const [zone] = zones;
    must(zone !== undefined, 'there is a first zone');
    const { instance } = await bench.settle(bench.cloud.runInstance({ clientToken: bench.token(), name: 'in-zone', zone }));
    must(instance.zone === zone, 'a machine is where it was ordered');
    await bench.refused(
      bench.cloud.runInstance({ clientToken: bench.token(), name: 'nowhere', zone: 'no-such-zone' }),
      'InvalidParameterValue',
      'a zone that is none',
    );
  }),
];
