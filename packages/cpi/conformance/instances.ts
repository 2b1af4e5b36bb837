import { must } from '@slipway/kernel';
import { isEqual } from '@slipway/kube';
import { invalidProviderId } from '../rules.ts';
import { cpiCase, twoOf } from './subject.ts';

/** What a provider says of itself and of its machines. */
export const instanceCases = [
  cpiCase('provider.name', 'provider', 'provider name: the same each time', 'cloud.go, ProviderName', async ({ subject }) => {
    const { provider } = subject.cpi;
    const { providerName } = await subject.settle(provider.providerName({}));
    must(providerName === (await subject.settle(provider.providerName({}))).providerName, 'the second answer equals the first');
  }),
  cpiCase(
    'instances.metadata.by-name',
    'instancesV2',
    'metadata of a node without an id: an id with the provider name in front, one for each machine',
    'cloud.go, InstanceMetadata; GetInstanceProviderID',
    async (bench) => {
      const { providerName } = await bench.settle(bench.subject.cpi.provider.providerName({}));
      const ids = (await bench.nodes()).map(({ spec }) => spec.providerID ?? '');
      for (const id of ids) {
        must(invalidProviderId(id) === undefined, `"${id}" is a provider id`);
        must(id.startsWith(`${providerName}://`), `${id} begins with ${providerName}://`);
      }
      must(new Set(ids).size === ids.length, 'no two machines have one id');
    },
  ),
  cpiCase(
    'instances.metadata.id-first',
    'instancesV2',
    'metadata of a node with an id: the machine with this id, and the same each time',
    'cloud.go, InstancesV2.InstanceMetadata',
    async (bench) => {
      const { instancesV2 } = bench.subject.cpi;
      must(instancesV2 !== undefined, 'the provider has instances');
      for (const node of await bench.nodes()) {
        const first = (await bench.settle(instancesV2.instanceMetadata({ node }))).metadata;
        must(first?.providerId === node.spec.providerID || first?.providerId === '', `the id stays ${node.spec.providerID}`);
        must(isEqual(first, (await bench.settle(instancesV2.instanceMetadata({ node }))).metadata), 'the second answer equals the first');
        must((first?.nodeAddresses.length ?? 0) > 0, 'a machine that runs has addresses');
      }
    },
  ),
  cpiCase(
    'instances.exists',
    'instancesV2',
    'exists: true for machines that run, which are not shut down',
    'cloud.go, InstancesV2.InstanceExists, InstanceShutdown',
    async (bench) => {
      const { instancesV2 } = bench.subject.cpi;
      must(instancesV2 !== undefined, 'the provider has instances');
      for (const node of await bench.nodes()) {
        must((await bench.settle(instancesV2.instanceExists({ node }))).exists, `${node.metadata.name} exists`);
        must(!(await bench.settle(instancesV2.instanceShutdown({ node }))).shutdown, `${node.metadata.name} is not shut down`);
      }
    },
  ),
  cpiCase(
    'instances.unknown',
    'instancesV2',
    'exists: exactly false, and no error, for an id that the cloud does not know',
    'cloud.go, InstancesV2.InstanceExists; Slipway CPI-03',
    async (bench) => {
      const { instancesV2 } = bench.subject.cpi;
      const { exists } = (await (instancesV2 && bench.settle(instancesV2.instanceExists({ node: bench.subject.unknown })))) ?? {};
      must(exists === false, 'a machine that is gone does not exist');
    },
  ),
  cpiCase(
    'instances.v1.unknown',
    'instances',
    'exists by provider id: exactly false, and no error, for an id that the cloud does not know',
    'cloud.go, Instances.InstanceExistsByProviderID',
    async (bench) => {
      const { instances } = bench.subject.cpi;
      const providerId = bench.subject.unknown.spec.providerID ?? '';
      const { exists } = (await (instances && bench.settle(instances.instanceExistsByProviderId({ providerId })))) ?? {};
      must(exists === false, 'a machine that is gone does not exist');
    },
  ),
];

/** Routes for pod ranges. */
export const routeCases = [
  cpiCase(
    'routes.round-trip',
    'routes',
    'routes: one that is created is listed with its node and range, and gone when deleted as listed',
    'cloud.go, Routes',
    async (bench) => {
      const [node] = twoOf(bench.subject.nodes);
      const { podCidr } = bench.subject;
      await bench.addRoute(node, podCidr);
      const made = (await bench.routes()).filter(({ destinationCidr }) => destinationCidr === podCidr);
      must(made.length === 1, 'exactly one route has the range');
      const [route] = made;
      must(route?.targetNode === node.metadata.name && route.blackhole !== true, `it leads to ${node.metadata.name}`);
      await bench.removeRoute(route);
      must(!(await bench.routes()).some(({ destinationCidr }) => destinationCidr === podCidr), 'it is gone');
    },
  ),
  cpiCase(
    'routes.others-untouched',
    'routes',
    'routes: those that were there before stay as they are',
    'cloud.go, Routes; Slipway CPI-05, CPI-07',
    async (bench) => {
      const before = await bench.routes();
      const [node] = twoOf(bench.subject.nodes);
      await bench.addRoute(node, bench.subject.podCidr);
      const isNew = ({ destinationCidr }: { readonly destinationCidr: string }): boolean => destinationCidr === bench.subject.podCidr;
      const listed = await bench.routes();
      must(
        isEqual(
          listed.filter((route) => !isNew(route)),
          before,
        ),
        'creating one changes no other',
      );
      for (const route of listed.filter(isNew)) await bench.removeRoute(route);
      must(isEqual(await bench.routes(), before), 'deleting it changes no other');
    },
  ),
];
