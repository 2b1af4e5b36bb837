import { must } from '@slipway/kernel';
import { controllerMethods, groupControllerMethods, nodeMethods } from '../methods.ts';
import type { Reported } from './bench.ts';
import { csiCase } from './case.ts';
import { GIB } from './subject.ts';

/** What one capability is worth without another: at least one of the list is needed. Sources: csi.proto, comments of the capability enums. */
const dependencies: readonly (readonly [capability: Reported, oneOf: readonly Reported[]])[] = [
  ['controller:LIST_VOLUMES_PUBLISHED_NODES', ['controller:PUBLISH_UNPUBLISH_VOLUME']],
  ['controller:LIST_VOLUMES_PUBLISHED_NODES', ['controller:LIST_VOLUMES', 'controller:GET_VOLUME']],
  ['controller:PUBLISH_READONLY', ['controller:PUBLISH_UNPUBLISH_VOLUME']],
  ['controller:CLONE_VOLUME', ['controller:CREATE_DELETE_VOLUME']],
  ['expansion:ONLINE', ['controller:EXPAND_VOLUME', 'node:EXPAND_VOLUME']],
  ['expansion:OFFLINE', ['controller:EXPAND_VOLUME']],
];

/** The identity service, and whether the driver as a whole is of one piece. */
export const identityCases = [
  csiCase(
    'identity.info',
    'getPluginInfo: the driver has a legal name and a version, the same each time and on every node',
    'GetPluginInfo; csi-sanity Identity: GetPluginInfo: should return appropriate information',
    [],
    async (bench) => {
      const first = await bench.settle(bench.subject.identity.getPluginInfo({}));
      must(
        /^[A-Za-z]([-.A-Za-z0-9]{0,61}[A-Za-z])?$/.test(first.name),
        `the name is in domain style, letters at both ends, not ${first.name}`,
      );
      must(first.vendorVersion !== '', 'the version is not empty');
      const others = [bench.subject.identity, ...bench.subject.nodes.flatMap(({ identity }) => identity ?? [])];
      for (const identity of others) {
        const { name, vendorVersion } = await bench.settle(identity.getPluginInfo({}));
        must(name === first.name && vendorVersion === first.vendorVersion, `every instance says ${first.name} ${first.vendorVersion}`);
      }
    },
  ),
  csiCase(
    'identity.capabilities',
    'getPluginCapabilities: known capabilities, the same each time and on every node',
    'GetPluginCapabilities; csi-sanity Identity: GetPluginCapabilities: should return appropriate capabilities',
    [],
    async (bench) => {
      const ask = async (identity = bench.subject.identity): Promise<string> => {
        const { capabilities = [] } = await bench.settle(identity.getPluginCapabilities({}));
        const names = capabilities.map((each) => ('service' in each ? each.service.type : each.volumeExpansion.type));
        must(!names.includes('UNKNOWN'), 'no capability is UNKNOWN');
        return [...names].sort().join(' ');
      };
      const first = await ask();
      must((await ask()) === first, 'the second answer is the first');
      for (const { identity } of bench.subject.nodes)
        if (identity) must((await ask(identity)) === first, 'instances on nodes say the same');
    },
  ),
  csiCase(
    'identity.probe',
    'probe: the driver is healthy and ready',
    'Probe; csi-sanity Identity: Probe: should return appropriate information',
    [],
    async (bench) => {
      for (const identity of [bench.subject.identity, ...bench.subject.nodes.flatMap((node) => node.identity ?? [])])
        must((await bench.settle(identity.probe({}))).ready ?? true, 'it is ready');
    },
  ),
  csiCase(
    'identity.services',
    'getPluginCapabilities: a service is there if and only if it is reported',
    'GetPluginCapabilities',
    [],
    async (bench) => {
      const { controller, groupController, snapshotMetadata } = bench.subject;
      const reported = await bench.reported();
      must(reported.has('plugin:CONTROLLER_SERVICE') === (controller !== undefined), 'CONTROLLER_SERVICE is reported as it is');
      must(
        reported.has('plugin:GROUP_CONTROLLER_SERVICE') === (groupController !== undefined),
        'GROUP_CONTROLLER_SERVICE is reported as it is',
      );
      must(
        reported.has('plugin:SNAPSHOT_METADATA_SERVICE') === (snapshotMetadata !== undefined),
        'SNAPSHOT_METADATA_SERVICE is reported as it is',
      );
    },
  ),
  csiCase(
    'identity.dependencies',
    'capabilities: none is reported without the one that it hangs on',
    'ControllerGetCapabilities; NodeGetCapabilities; PluginCapability.VolumeExpansion',
    [],
    async (bench) => {
      const reported = await bench.reported();
      for (const [capability, oneOf] of dependencies) {
        must(!reported.has(capability) || oneOf.some((other) => reported.has(other)), `${capability} comes with ${oneOf.join(' or ')}`);
      }
    },
  ),
  csiCase(
    'identity.no-empty-promise',
    'capabilities: every call that they promise is there',
    'ControllerGetCapabilities; NodeGetCapabilities; GroupControllerGetCapabilities',
    [],
    async (bench) => {
      const reported = await bench.reported();
      const { controller, groupController, nodes } = bench.subject;
      const volumeCapability = bench.capability();
      // Legal for the guard, and about nothing that exists; whatever comes back, it is not UNIMPLEMENTED.
      const [volumeId, snapshotId, path] = ['conformance-no-volume', 'conformance-no-snapshot', '/conformance/nowhere'];
      const everything = {
        ...(await bench.createRequest()),
        volumeId,
        sourceVolumeId: volumeId,
        snapshotId,
        groupSnapshotId: snapshotId,
        snapshotIds: [],
        sourceVolumeIds: [volumeId],
        nodeId: 'conformance-no-node',
        volumeCapability,
        readonly: false,
        mutableParameters: {},
        stagingTargetPath: path,
        targetPath: path,
        volumePath: path,
        capacityRange: { requiredBytes: GIB },
      };
      const promised: readonly (readonly [service: object | undefined, methods: object])[] = [
        [controller, controllerMethods],
        [groupController, groupControllerMethods],
        [nodes[0]?.node, nodeMethods],
      ];
      for (const [service, methods] of promised) {
        for (const [method, { capability, rpc }] of Object.entries(methods) as [string, { capability?: Reported; rpc: string }][]) {
          if (!service || (capability !== undefined && !reported.has(capability))) continue;
          const call = (service as Record<string, (request: unknown) => ReturnType<typeof bench.controller.createVolume>>)[method];
          must(call !== undefined, `${rpc} can be called`);
          const outcome = await bench.tried(call.call(service, everything));
          must(!('code' in outcome) || outcome.code !== 'UNIMPLEMENTED', `${rpc} is implemented`);
        }
      }
    },
  ),
];
