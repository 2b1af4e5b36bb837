import { seconds, service, type LinkCode, type Scalar } from '@slipway/kernel';
import type { CloudApi } from './contract.ts';
import { CloudError } from './errors.ts';
import type { CloudDisk, Instance } from './messages.ts';
import { cloudRules as rules } from './rules.ts';

const ids = (given: readonly string[] | undefined): string => given?.join(',') ?? '';
const disk = ({ volumeId, state, sizeGiB, zone }: CloudDisk): readonly Scalar[] => [volumeId, state, sizeGiB, zone];
const machine = ({ instanceId, state }: Instance): readonly Scalar[] => [instanceId, state];
const count = (list: readonly unknown[]): readonly Scalar[] => [list.length];
const named = (request: { readonly name: string }): string => request.name;
const onVolume = (request: { readonly volumeId: string }): string => request.volumeId;
const onInstance = (request: { readonly instanceId: string }): string => request.instanceId;
const onRange = (request: { readonly destinationCidr: string }): string => request.destinationCidr;

/** A request that the guard refuses is what AWS calls an invalid parameter; the rest of what a link says has no word there. */
const error = (code: LinkCode, message: string): CloudError =>
  new CloudError(code === 'INVALID_ARGUMENT' ? 'InvalidParameterValue' : code, message);

/** The link's half of the contract. */
export const cloudApi = service<CloudApi>(
  'cloud.CloudApi',
  { interface: 'cloud', deadline: seconds(60), error },
  {
    describeZones: { guard: rules.describeZones, summary: (_, answer) => (answer ? [answer.region, answer.zones.join(',')] : []) },
    runInstance: {
      guard: rules.runInstance,
      summary: (request, answer) => (answer ? machine(answer.instance) : [request.name, request.instanceType ?? '', request.zone ?? '']),
      subject: named,
    },
    describeInstances: {
      guard: rules.describeInstances,
      summary: ({ instanceIds, names }, answer) => (answer ? count(answer.instances) : [ids(instanceIds ?? names)]),
    },
    stopInstance: { guard: rules.stopInstance, summary: (_, answer) => (answer ? machine(answer.instance) : []), subject: onInstance },
    startInstance: { guard: rules.startInstance, summary: (_, answer) => (answer ? machine(answer.instance) : []), subject: onInstance },
    terminateInstance: {
      guard: rules.terminateInstance,
      summary: (_, answer) => (answer ? machine(answer.instance) : []),
      subject: onInstance,
    },
    createVolume: {
      guard: rules.createVolume,
      summary: ({ zone, sizeGiB, volumeType, snapshotId }, answer) =>
        answer ? disk(answer.volume) : [zone, sizeGiB, volumeType ?? '', snapshotId ?? ''],
    },
    describeVolumes: {
      guard: rules.describeVolumes,
      summary: ({ volumeIds }, answer) => {
        if (!answer) return [ids(volumeIds)];
        const [only] = answer.volumes;
        return only && answer.volumes.length === 1 ? [...disk(only), only.attachments[0]?.state ?? ''] : count(answer.volumes);
      },
    },
    deleteVolume: { guard: rules.deleteVolume, subject: onVolume },
    attachVolume: {
      guard: rules.attachVolume,
      summary: ({ instanceId }, answer) => (answer ? [answer.state, answer.device] : [instanceId]),
      subject: onVolume,
    },
    detachVolume: {
      guard: rules.detachVolume,
      summary: ({ instanceId, force }, answer) => (answer ? [] : [instanceId ?? '', force ?? false]),
      subject: onVolume,
    },
    modifyVolume: {
      guard: rules.modifyVolume,
      summary: ({ sizeGiB, volumeType, iops, throughput }, answer) =>
        answer ? disk(answer.volume) : [sizeGiB ?? 0, volumeType ?? '', iops ?? 0, throughput ?? 0],
      subject: onVolume,
    },
    createSnapshot: {
      guard: rules.createSnapshot,
      summary: (_, answer) => (answer ? [answer.snapshot.snapshotId, answer.snapshot.state] : []),
      subject: onVolume,
    },
    describeSnapshots: {
      guard: rules.describeSnapshots,
      summary: ({ snapshotIds, volumeId }, answer) => (answer ? count(answer.snapshots) : [ids(snapshotIds), volumeId ?? '']),
    },
    deleteSnapshot: { guard: rules.deleteSnapshot, subject: ({ snapshotId }) => snapshotId },
    createFileSystem: {
      guard: rules.createFileSystem,
      summary: ({ creationToken }, answer) => (answer ? [answer.fileSystem.fileSystemId, answer.fileSystem.state] : [creationToken]),
    },
    describeFileSystems: {
      guard: rules.describeFileSystems,
      summary: ({ fileSystemIds, creationToken }, answer) =>
        answer ? count(answer.fileSystems) : [ids(fileSystemIds), creationToken ?? ''],
    },
    deleteFileSystem: { guard: rules.deleteFileSystem, subject: ({ fileSystemId }) => fileSystemId },
    createAccessPoint: {
      guard: rules.createAccessPoint,
      summary: ({ rootDirectory }, answer) => (answer ? [answer.accessPoint.accessPointId, answer.accessPoint.state] : [rootDirectory]),
      subject: ({ fileSystemId }) => fileSystemId,
    },
    describeAccessPoints: {
      guard: rules.describeAccessPoints,
      summary: ({ accessPointIds, fileSystemId }, answer) =>
        answer ? count(answer.accessPoints) : [ids(accessPointIds), fileSystemId ?? ''],
    },
    deleteAccessPoint: { guard: rules.deleteAccessPoint, subject: ({ accessPointId }) => accessPointId },
    createLoadBalancer: {
      guard: rules.createLoadBalancer,
      summary: ({ kind, targets }, answer) =>
        answer ? [answer.loadBalancer.state, answer.loadBalancer.dnsName] : [kind ?? '', targets.length],
      subject: named,
    },
    modifyLoadBalancer: {
      guard: rules.modifyLoadBalancer,
      summary: ({ targets }, answer) => (answer ? [answer.loadBalancer.state] : [targets?.length ?? -1]),
      subject: named,
    },
    describeLoadBalancers: {
      guard: rules.describeLoadBalancers,
      summary: ({ names }, answer) => (answer ? count(answer.loadBalancers) : [ids(names)]),
    },
    deleteLoadBalancer: { guard: rules.deleteLoadBalancer, subject: named },
    describeRoutes: {
      guard: rules.describeRoutes,
      summary: (_, answer) => (answer ? count(answer.routes) : []),
      // Providers ask in each `ListRoutes`, every 10 s, which is a heartbeat itself.
      heartbeat: true,
    },
    createRoute: { guard: rules.createRoute, summary: ({ instanceId }, answer) => (answer ? [] : [instanceId]), subject: onRange },
    deleteRoute: { guard: rules.deleteRoute, subject: onRange },
  },
);
