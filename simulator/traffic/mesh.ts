import { type Client, messageOf, type Owner, type Process } from '@slipway/kernel';
import type { Pod, Stored } from '@slipway/kube';
import type { HttpAttributes, Identity, Mesh, ServicePortRef } from '@slipway/smi';
import type { Trip } from './trip.ts';

/** What of a request the mesh is told when it is over. */
export interface Observed {
  readonly source: Stored<Pod> | undefined;
  readonly destination: Stored<Pod> | undefined;
  readonly to: ServicePortRef;
  readonly apex: string | undefined;
}

/** The proxies beside sender and receiver, which ask the mesh. */
export class MeshProxies {
  readonly #mesh: Client<Mesh>;
  readonly #owner: Owner;

  constructor(mesh: Client<Mesh>, owner: Owner) {
    this.#mesh = mesh;
    this.#owner = owner;
  }

  /** Who the sender is; undefined: not part of the mesh. */
  *identity(trip: Trip): Process<Identity | undefined> {
    const { pod } = trip.sender;
    if (!pod) return undefined;
    try {
      return (yield* this.#mesh.identity({ pod })).identity;
    } catch (error) {
      return this.#failed(trip, 'mesh-route', messageOf(error));
    }
  }

  /** The Service that a sender of the mesh goes to in the end. */
  *route(trip: Trip, to: ServicePortRef): Process<ServicePortRef> {
    const http = httpOf(trip);
    try {
      const from = trip.sender.pod;
      const routed = yield* this.#mesh.route({ ...(from ? { from } : {}), to, protocol: trip.protocol, ...(http ? { http } : {}) });
      const split = routed.split === undefined ? '' : ` by TrafficSplit ${routed.split}`;
      trip.note('mesh-route', trip.origin, `${routed.to.namespace}/${routed.to.service}:${routed.to.port}${split}`);
      return routed.to;
    } catch (error) {
      return this.#failed(trip, 'mesh-route', messageOf(error));
    }
  }

  /** Drops the trip unless the receiver lets it in. */
  *authorise(trip: Trip, source: Identity | undefined, destination: Stored<Pod>, port: number, node: string): Process {
    const http = httpOf(trip);
    let allowed: boolean;
    let reason: string;
    try {
      ({ allowed, reason } = yield* this.#mesh.authorise({
        ...(source ? { source } : {}),
        destination,
        port,
        protocol: trip.protocol,
        ...(http ? { http } : {}),
      }));
    } catch (error) {
      return this.#failed(trip, 'mesh-authorise', messageOf(error));
    }
    if (allowed) trip.note('mesh-authorise', node, reason);
    else
      trip.drop(
        'mesh-authorise',
        node,
        reason,
        'ECONNRESET',
        trip.request.protocol === 'http' ? { http: { status: 403, body: '' } } : undefined,
      );
  }

  /** Counts the request. Nobody waits for it. */
  observe({ source, destination, to, apex }: Observed, success: boolean, latency: number): void {
    const mesh = this.#mesh;
    this.#owner.spawn(
      'observe',
      (function* (): Process {
        try {
          yield* mesh.observe({
            ...(source ? { source } : {}),
            ...(destination ? { destination } : {}),
            to,
            ...(apex === undefined ? {} : { apex }),
            success,
            latency,
          });
        } catch {
          // A proxy whose metrics nobody takes goes on carrying requests.
        }
      })(),
    );
  }

  /** A proxy that gets no word from its control plane lets nothing pass. */
  #failed(trip: Trip, stage: 'mesh-route' | 'mesh-authorise', why: string): never {
    return trip.drop(
      stage,
      trip.origin,
      `the mesh failed: ${why}`,
      'ECONNRESET',
      trip.request.protocol === 'http' ? { http: { status: 503, body: '' } } : undefined,
    );
  }
}

function httpOf({ request: { http } }: Trip): HttpAttributes | undefined {
  if (!http) return undefined;
  const headers = Object.entries(http.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { method: http.method ?? 'GET', path: http.path, headers: Object.fromEntries(headers) };
}
