import type { Rate } from './throttle.ts';

/**
 * How many calls a cloud takes. Each action has a bucket of its own, in each of its ways. Source: Amazon EC2 Developer Guide, "Request
 * throttling for the Amazon EC2 API", tables of "Request token bucket sizes and refill rates": non-mutating actions; those that are
 * unfiltered and unpaginated; CreateVolume, AttachVolume and the like among the uncategorized ones.
 */
export const RATES = {
  /** An action that describes what the caller names. */
  reads: { burst: 100, perSecond: 20 },
  /** An action that describes all there is. */
  listings: { burst: 50, perSecond: 10 },
  /** An action that orders or changes. */
  writes: { burst: 100, perSecond: 5 },
  /**
   * What is asked about one machine by its name, as its own metadata service tells it (169.254.169.254): limited for each machine, not for
   * the account. Amazon EC2 User Guide, "Query throttling" of "Access instance metadata"; the figures are not published.
   */
  metadata: { burst: 100, perSecond: 20 },
} as const satisfies Record<string, Rate>;

/** In which way an action is called; each has a table row and an option of the same name. */
export type Way = keyof typeof RATES;
