import type { CloudApi, Instance } from '@slipway/cloud';
import type { Client, Implementation, Process } from '@slipway/kernel';
import type { NodeAddress } from '@slipway/kube';
import type { InstancesV2 } from '../../contract.ts';
import { CpiError, sentinel } from '../../errors.ts';
import type { ExistsResponse, InstanceMetadataResponse, NodeRequest, ShutdownResponse } from '../../messages.ts';
import { fromCloud, ifKnown } from './cloud-errors.ts';
import { instanceIdOf, providerIdOf } from './provider-id.ts';

/** Machines of EC2. Source: cloud-provider-aws `pkg/providers/v1/instances_v2.go`. */
export class AwsInstances implements Implementation<InstancesV2> {
  readonly #cloud: Client<CloudApi>;
  #region: string | undefined;

  constructor(cloud: Client<CloudApi>) {
    this.#cloud = cloud;
  }

  /** A node whose name nobody knows is an error and no "does not exist": only the id of a machine that was found once is that sure. */
  *instanceExists({ node }: NodeRequest): Process<ExistsResponse> {
    const instance = yield* this.#find(node);
    return { exists: instance !== undefined && instance.state !== 'terminated' };
  }

  *instanceShutdown({ node }: NodeRequest): Process<ShutdownResponse> {
    const instance = yield* this.#find(node);
    return { shutdown: instance?.state === 'stopped' };
  }

  *instanceMetadata({ node }: NodeRequest): Process<InstanceMetadataResponse> {
    const instance = yield* this.#find(node);
    if (!instance || instance.state === 'terminated') throw sentinel('InstanceNotFound');
    this.#region ??= (yield* fromCloud(this.#cloud.describeZones({}))).region;
    return {
      metadata: {
        providerId: node.spec.providerID || providerIdOf(instance),
        instanceType: instance.instanceType,
        nodeAddresses: addressesOf(instance),
        zone: instance.zone,
        region: this.#region,
      },
    };
  }

  /** By provider id if the node has one. @returns undefined: the cloud does not know the id @throws CpiError InstanceNotFound (no machine of this name) */
  *#find({ metadata: { name }, spec }: NodeRequest['node']): Process<Instance | undefined> {
    if (!spec.providerID) return yield* instanceByName(this.#cloud, name);
    const instanceId = instanceIdOf(spec.providerID);
    const answer = yield* ifKnown(this.#cloud.describeInstances({ instanceIds: [instanceId] }), 'InvalidInstanceID.NotFound');
    return answer?.instances[0];
  }
}

/**
 * The one machine of this name that is not terminated.
 *
 * @throws CpiError InstanceNotFound, UNKNOWN (several, or the cloud fails)
 */
export function* instanceByName(cloud: Client<CloudApi>, name: string): Process<Instance> {
  const { instances } = yield* fromCloud(cloud.describeInstances({ names: [name] }));
  const [instance, another] = instances.filter(({ state }) => state !== 'terminated');
  if (!instance) throw sentinel('InstanceNotFound');
  if (another) throw new CpiError('UNKNOWN', `multiple instances found for name: ${name}`);
  return instance;
}

/** In upstream's order. Source: cloud-provider-aws `pkg/providers/v1/aws.go`, extractIPv4NodeAddresses. */
function addressesOf({ privateIp, publicIp, privateDns }: Instance): readonly NodeAddress[] {
  const addresses: NodeAddress[] = [];
  if (privateIp) addresses.push({ type: 'InternalIP', address: privateIp });
  if (publicIp) addresses.push({ type: 'ExternalIP', address: publicIp });
  if (privateDns) addresses.push({ type: 'InternalDNS', address: privateDns }, { type: 'Hostname', address: privateDns });
  return addresses;
}
