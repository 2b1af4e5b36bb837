import type { Guard, Rule } from '@slipway/kernel';
import type { CloudCode } from './errors.ts';
import type * as m from './messages.ts';

// What every call must be like, for the link's guard. What only a cloud can find out (unknown ids, states, limits) is not here.

/** May come from any call. */
const ALWAYS: readonly CloudCode[] = ['RequestLimitExceeded', 'InvalidParameterValue'];

function guard<Q, R>(codes: readonly CloudCode[], ...rules: readonly Rule<Q, R>[]): Guard<Q, R> {
  return { rules, codes: [...ALWAYS, ...codes] };
}

/** Texts that must be there and not empty. Typed callers can still send less: plugins and scenario files are read at run time. */
function required<Q extends object, R>(method: string, ...fields: readonly (keyof Q & string)[]): Rule<Q, R> {
  return {
    id: `cloud.${method}.required`,
    source: `CloudApi.${method}`,
    request: (request) => {
      const missing = fields.find((field) => typeof request[field] !== 'string' || request[field] === '');
      return missing === undefined ? undefined : `The request must contain the parameter ${missing}`;
    },
  };
}

const sizeWhole = (sizeGiB: number | undefined): string | undefined =>
  sizeGiB === undefined || (Number.isSafeInteger(sizeGiB) && sizeGiB > 0)
    ? undefined
    : `sizeGiB must be a whole number above 0, not ${sizeGiB}`;

const portWrong = (port: number): boolean => !Number.isInteger(port) || port < 1 || port > 65_535;

function listenersLegal(listeners: readonly m.Listener[] | undefined, check: m.HealthCheck | undefined): string | undefined {
  const wrong = listeners?.find(({ port, targetPort }) => portWrong(port) || portWrong(targetPort));
  if (wrong) return `ports are from 1 to 65535, not ${wrong.port} and ${wrong.targetPort}`;
  return check && portWrong(check.port) ? `a health check's port is from 1 to 65535, not ${check.port}` : undefined;
}

const ID = /^[a-z]+-[0-9a-f]{8,17}$/;

/** The answer names things as promised: prefix, dash, hexadecimal digits. */
function answersId<Q, R>(method: string, prefix: string, pick: (response: R) => string): Rule<Q, R> {
  return {
    id: `cloud.${method}.answers-id`,
    source: `CloudApi.${method}`,
    response: (_, response) => {
      const id = pick(response);
      return id.startsWith(`${prefix}-`) && ID.test(id) ? undefined : `an id has the form ${prefix}-0123456789abcdef0, not ${id}`;
    },
  };
}

/** A disk is attached to one machine at a time, and says so. */
function attachedOnce<Q, R>(method: string, pick: (response: R) => readonly m.CloudDisk[]): Rule<Q, R> {
  return {
    id: `cloud.${method}.attached-once`,
    source: 'CloudApi.attachVolume',
    response: (_, response) => {
      const wrong = pick(response).find(
        ({ state, attachments }) => attachments.length > 1 || (attachments.length === 1) !== (state === 'in-use'),
      );
      return wrong ? `${wrong.volumeId} is ${wrong.state} with ${wrong.attachments.length} attachments` : undefined;
    },
  };
}

const byId = <Q, R>(method: string, pick: (response: R) => readonly string[]): Rule<Q, R> => ({
  id: `cloud.${method}.sorted`,
  source: `CloudApi.${method}`,
  response: (_, response) => {
    const ids = pick(response);
    return ids.every((id, at) => at === 0 || (ids[at - 1] as string) < id) ? undefined : 'the answer is sorted, each but once';
  },
});

const instance = ({ instance: { instanceId } }: m.InstanceResponse): string => instanceId;
const volume = ({ volume: { volumeId } }: m.DiskResponse): string => volumeId;
const volumes = ({ volume: disk }: m.DiskResponse): readonly m.CloudDisk[] => [disk];

const noInstance = 'InvalidInstanceID.NotFound';
const noVolume = 'InvalidVolume.NotFound';

/** One guard for each method that has more to it than the codes that are always allowed. */
export const cloudRules = {
  describeZones: guard<m.DescribeZonesRequest, m.DescribeZonesResponse>(
    [],
    byId('describeZones', ({ zones }) => zones),
  ),
  runInstance: guard<m.RunInstanceRequest, m.InstanceResponse>(
    ['InsufficientInstanceCapacity', 'IdempotentParameterMismatch'],
    required('runInstance', 'clientToken', 'name'),
    answersId('runInstance', 'i', instance),
  ),
  describeInstances: guard<m.DescribeInstancesRequest, m.DescribeInstancesResponse>(
    [noInstance],
    byId('describeInstances', ({ instances }) => instances.map(({ instanceId }) => instanceId)),
  ),
  stopInstance: guard<m.InstanceRequest, m.InstanceResponse>(
    [noInstance, 'IncorrectInstanceState'],
    required('stopInstance', 'instanceId'),
  ),
  startInstance: guard<m.InstanceRequest, m.InstanceResponse>(
    [noInstance, 'IncorrectInstanceState'],
    required('startInstance', 'instanceId'),
  ),
  terminateInstance: guard<m.InstanceRequest, m.InstanceResponse>([noInstance], required('terminateInstance', 'instanceId')),

  createVolume: guard<m.CreateDiskRequest, m.DiskResponse>(
    ['VolumeLimitExceeded', 'IdempotentParameterMismatch', 'InvalidSnapshot.NotFound', 'InvalidParameterCombination', 'IncorrectState'],
    required('createVolume', 'clientToken', 'zone'),
    { id: 'cloud.createVolume.size', source: 'CloudApi.createVolume', request: ({ sizeGiB }) => sizeWhole(sizeGiB ?? 0) },
    answersId('createVolume', 'vol', volume),
    attachedOnce('createVolume', volumes),
  ),
  describeVolumes: guard<m.DescribeDisksRequest, m.DescribeDisksResponse>(
    [noVolume],
    byId('describeVolumes', (response) => response.volumes.map(({ volumeId }) => volumeId)),
    attachedOnce('describeVolumes', (response) => response.volumes),
  ),
  deleteVolume: guard<m.DiskRequest, m.Empty>([noVolume, 'VolumeInUse'], required('deleteVolume', 'volumeId')),
  attachVolume: guard<m.AttachDiskRequest, m.DiskAttachment>(
    [noVolume, noInstance, 'VolumeInUse', 'InvalidVolume.ZoneMismatch', 'AttachmentLimitExceeded', 'IncorrectState'],
    required('attachVolume', 'volumeId', 'instanceId'),
    {
      id: 'cloud.attachVolume.answers-what-was-asked',
      source: 'CloudApi.attachVolume',
      response: ({ volumeId, instanceId }, answer) =>
        answer.volumeId === volumeId && answer.instanceId === instanceId && answer.device.startsWith('/dev/')
          ? undefined
          : `asked for ${volumeId} on ${instanceId}, answered ${answer.volumeId} on ${answer.instanceId} at ${answer.device}`,
    },
  ),
  detachVolume: guard<m.DetachDiskRequest, m.Empty>(
    [noVolume, 'IncorrectState', 'InvalidAttachment.NotFound'],
    required('detachVolume', 'volumeId'),
  ),
  modifyVolume: guard<m.ModifyDiskRequest, m.DiskResponse>(
    [noVolume, 'InvalidParameterCombination', 'IncorrectModificationState', 'VolumeModificationRateExceeded', 'VolumeLimitExceeded'],
    required('modifyVolume', 'volumeId'),
    { id: 'cloud.modifyVolume.size', source: 'CloudApi.modifyVolume', request: ({ sizeGiB }) => sizeWhole(sizeGiB) },
    attachedOnce('modifyVolume', volumes),
  ),

  createSnapshot: guard<m.CreateSnapshotRequest, m.SnapshotResponse>(
    [noVolume, 'IdempotentParameterMismatch'],
    required('createSnapshot', 'clientToken', 'volumeId'),
    answersId('createSnapshot', 'snap', ({ snapshot }) => snapshot.snapshotId),
  ),
  describeSnapshots: guard<m.DescribeSnapshotsRequest, m.DescribeSnapshotsResponse>(
    ['InvalidSnapshot.NotFound'],
    byId('describeSnapshots', ({ snapshots }) => snapshots.map(({ snapshotId }) => snapshotId)),
  ),
  deleteSnapshot: guard<m.SnapshotRequest, m.Empty>(
    ['InvalidSnapshot.NotFound', 'InvalidSnapshot.InUse'],
    required('deleteSnapshot', 'snapshotId'),
  ),

  createFileSystem: guard<m.CreateFileSystemRequest, m.FileSystemResponse>(
    ['IdempotentParameterMismatch'],
    required('createFileSystem', 'creationToken'),
    answersId('createFileSystem', 'fs', ({ fileSystem }) => fileSystem.fileSystemId),
  ),
  describeFileSystems: guard<m.DescribeFileSystemsRequest, m.DescribeFileSystemsResponse>(
    ['FileSystemNotFound'],
    byId('describeFileSystems', ({ fileSystems }) => fileSystems.map(({ fileSystemId }) => fileSystemId)),
  ),
  deleteFileSystem: guard<m.FileSystemRequest, m.Empty>(
    ['FileSystemNotFound', 'FileSystemInUse'],
    required('deleteFileSystem', 'fileSystemId'),
  ),
  createAccessPoint: guard<m.CreateAccessPointRequest, m.AccessPointResponse>(
    ['FileSystemNotFound', 'IncorrectFileSystemLifeCycleState', 'AccessPointLimitExceeded', 'IdempotentParameterMismatch', 'BadRequest'],
    required('createAccessPoint', 'clientToken', 'fileSystemId', 'rootDirectory'),
    answersId('createAccessPoint', 'fsap', ({ accessPoint }) => accessPoint.accessPointId),
  ),
  describeAccessPoints: guard<m.DescribeAccessPointsRequest, m.DescribeAccessPointsResponse>(
    ['AccessPointNotFound', 'FileSystemNotFound'],
    byId('describeAccessPoints', ({ accessPoints }) => accessPoints.map(({ accessPointId }) => accessPointId)),
  ),
  deleteAccessPoint: guard<m.AccessPointRequest, m.Empty>(['AccessPointNotFound'], required('deleteAccessPoint', 'accessPointId')),

  createLoadBalancer: guard<m.CreateLoadBalancerRequest, m.LoadBalancerResponse>(
    ['DuplicateLoadBalancerName', 'InvalidConfigurationRequest', 'InvalidInstance', 'TooManyLoadBalancers'],
    required('createLoadBalancer', 'name'),
    {
      id: 'cloud.createLoadBalancer.ports',
      source: 'CloudApi.createLoadBalancer',
      request: ({ listeners, healthCheck }) => listenersLegal(listeners, healthCheck),
    },
  ),
  modifyLoadBalancer: guard<m.ModifyLoadBalancerRequest, m.LoadBalancerResponse>(
    ['LoadBalancerNotFound', 'InvalidConfigurationRequest', 'InvalidInstance'],
    required('modifyLoadBalancer', 'name'),
    {
      id: 'cloud.modifyLoadBalancer.ports',
      source: 'CloudApi.modifyLoadBalancer',
      request: ({ listeners, healthCheck }) => listenersLegal(listeners, healthCheck),
    },
  ),
  describeLoadBalancers: guard<m.DescribeLoadBalancersRequest, m.DescribeLoadBalancersResponse>(
    [],
    byId('describeLoadBalancers', ({ loadBalancers }) => loadBalancers.map(({ name }) => name)),
  ),
  deleteLoadBalancer: guard<m.LoadBalancerRequest, m.Empty>([], required('deleteLoadBalancer', 'name')),

  describeRoutes: guard<m.DescribeRoutesRequest, m.DescribeRoutesResponse>(
    [],
    byId('describeRoutes', ({ routes }) => routes.map(({ destinationCidr }) => destinationCidr)),
  ),
  createRoute: guard<m.CreateRouteRequest, m.Empty>(
    ['RouteAlreadyExists', noInstance, 'RouteLimitExceeded'],
    required('createRoute', 'destinationCidr', 'instanceId'),
  ),
  deleteRoute: guard<m.DeleteRouteRequest, m.Empty>(['InvalidRoute.NotFound'], required('deleteRoute', 'destinationCidr')),
};
