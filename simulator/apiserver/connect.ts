import { type ApiClient, apiClient, apiServer } from '@slipway/client';
import { type Fault, type Latency, Link, type Micros, milliseconds, type Owner } from '@slipway/kernel';
import type { ApiServer } from './server.ts';

export interface ConnectOptions {
  /** Time of a request, per method. Left out: 1 ms each, about what a request within one data centre takes. */
  readonly latency?: Latency;
  /** How far watches lag behind. Left out: 0. */
  readonly watchLag?: Micros;
  readonly faults?: readonly Fault[];
  /** Left out: `unavailable`: its machine lives on and refuses connections, since nobody listens. */
  readonly onDeath?: 'unavailable' | 'silent';
}

const REQUEST = milliseconds(1);

/** A client of the API server for `from`, over a link of its own: faults and lag of one client are no other's. */
export function connect(server: ApiServer, from: Owner, options: ConnectOptions = {}): ApiClient {
  const link = new Link(server, {
    service: apiServer,
    from,
    to: server.owner,
    latency: options.latency ?? { '*': REQUEST },
    faults: options.faults,
    onDeath: options.onDeath ?? 'unavailable',
  });
  link.streamLag = options.watchLag ?? 0;
  return apiClient(link.client());
}
