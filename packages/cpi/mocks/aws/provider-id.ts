import { CpiError } from '../../errors.ts';

const INSTANCE = /^i-[^/]+$/;

/**
 * The EC2 id within a provider id: `aws:///us-east-1a/i-0abc`, `aws:////i-0abc`, or `i-0abc` alone. Source: cloud-provider-aws
 * `pkg/providers/v1/instances.go`, MapToAWSInstanceID.
 *
 * @throws CpiError UNKNOWN for what is none
 */
export function instanceIdOf(providerId: string): string {
  const id = tryInstanceId(providerId);
  if (id !== undefined) return id;
  const [scheme] = providerId.split('://');
  throw new CpiError(
    'UNKNOWN',
    providerId.includes('://') && scheme !== 'aws'
      ? `Invalid scheme for AWS instance (${providerId})`
      : `Invalid format for AWS instance (${providerId})`,
  );
}

/** The same; undefined for what is none. */
export function tryInstanceId(providerId: string): string | undefined {
  if (providerId.includes('://') && !providerId.startsWith('aws://')) return undefined;
  const last = providerId.slice(providerId.lastIndexOf('/') + 1);
  return INSTANCE.test(last) ? last : undefined;
}

/** `aws:///<zone>/<instance>`. */
export function providerIdOf({ zone, instanceId }: { readonly zone: string; readonly instanceId: string }): string {
  return `aws:///${zone}/${instanceId}`;
}
