import type { CpiClients } from '@slipway/cpi';
import { CallError, type Process } from '@slipway/kernel';

/**
 * A node's provider id by its name, from a provider without InstancesV2: `<provider name>://<instance id>`. Source: cloud-provider
 * `cloud.go`, GetInstanceProviderID.
 *
 * @throws CpiError NotImplemented and InstanceNotFound as they come; others with upstream's words in front
 */
export function* instanceProviderId({ provider, instances }: CpiClients, nodeName: string): Process<string> {
  if (!instances) throw new CallError('UNKNOWN', 'failed to get instances from cloud provider');
  const { instanceId } = yield* instances.instanceId({ nodeName });
  const { providerName } = yield* provider.providerName({});
  return `${providerName}://${instanceId}`;
}
