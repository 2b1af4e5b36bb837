import type { ListRequest } from '@slipway/client';
import { type Micros, parseDuration } from '@slipway/kernel';
import type { FaultDocument } from '../scenario/schema.ts';
import type { CallPattern } from './call-pattern.ts';

/** What faults need of the API server. */
export interface PastOfServer {
  /** The newest revision. */
  readonly revision: number;
  /** Reads as a replica answers them that lags so far behind: an implementation of `get` and `list`. */
  lagging(age: Micros): object;
}

type Stead = (call: { readonly method: string; readonly request: unknown }) => object | undefined;

/**
 * Who answers reads that are to be stale. A fault that names the method means every such call; one that names none means what Kubernetes
 * allows: reads whose resourceVersion is "0", which any replica may answer. Source: Kubernetes API concepts, "Resource versions".
 */
export function lagging({ stale }: Pick<FaultDocument, 'stale'>, { method }: CallPattern, server?: () => PastOfServer): Stead {
  const age = stale === undefined ? 0 : parseDuration(stale);
  let replica: object | undefined;
  return ({ method: called, request }) => {
    if (!server || (called !== 'get' && called !== 'list')) return undefined;
    const { resource, resourceVersion } = request as ListRequest;
    if (method === undefined && resourceVersion !== '0') return undefined;
    // A lease is read with its newest heartbeat, which no replica keeps.
    if (resource === 'leases') return undefined;
    replica ??= server().lagging(age);
    return replica;
  };
}
