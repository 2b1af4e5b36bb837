import { type Cidr, formatNetwork, parseCidr } from '@slipway/host';
import type { Service } from '@slipway/kube';
import { CpiError } from './errors.ts';

// What every provider reads from a Service. Source: cloud-provider `cloud.go` and `service/helpers/helper.go`.

/** `a` and the Service's uid without dashes, cut to 32 characters. Source: cloud.go, DefaultLoadBalancerName. */
export function defaultLoadBalancerName({ metadata }: Service): string {
  return `a${metadata.uid ?? ''}`.replaceAll('-', '').slice(0, 32);
}

const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/**
 * Who may connect: the field, else the annotation, else everybody; sorted. Source: helper.go, GetLoadBalancerSourceRanges.
 *
 * @throws CpiError UNKNOWN for what is no range
 */
export function sourceRangesOf({ spec, metadata }: Service): readonly string[] {
  const field = spec.loadBalancerSourceRanges ?? [];
  if (field.length > 0) {
    const ranges = parseRanges(field);
    if (ranges) return ranges;
    throw new CpiError(
      'UNKNOWN',
      `service.Spec.LoadBalancerSourceRanges: [${field.join(' ')}] is not valid. Expecting a list of IP ranges. For example, 10.0.0.0/24.`,
    );
  }
  const annotation = metadata.annotations?.[SOURCE_RANGES]?.trim() ?? '';
  const ranges = parseRanges(annotation === '' ? ['0.0.0.0/0'] : annotation.split(','));
  if (ranges) return ranges;
  throw new CpiError(
    'UNKNOWN',
    `${SOURCE_RANGES}: ${annotation} is not valid. Expecting a comma-separated list of source IP ranges. For example, 10.0.0.0/24,192.168.2.0/24`,
  );
}

function parseRanges(texts: readonly string[]): readonly string[] | undefined {
  const ranges = texts.map((text) => parseCidr(text.trim()));
  if (!ranges.every((range): range is Cidr => range !== undefined)) return undefined;
  return [...new Set(ranges.map(formatNetwork))].sort();
}

/** Where the nodes say whether they have endpoints of their own; undefined when all nodes serve alike. Source: helper.go, GetServiceHealthCheckPathPort. */
export function healthCheckOf({ spec }: Service): { readonly path: string; readonly port: number } | undefined {
  if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local' || !spec.healthCheckNodePort) return undefined;
  return { path: '/healthz', port: spec.healthCheckNodePort };
}
