import { Call } from './call.ts';
import type { Client, Service } from './contract.ts';
import type { Link } from './link.ts';

/** How a client names the link behind it, in any copy of this package. */
const LINK = Symbol.for('@slipway/kernel/link');

/** The link behind a client, or undefined for a client that was made by hand. */
export function linkOf<S>(client: Client<S>): Link<S> | undefined {
  return (client as unknown as Record<symbol, Link<S> | undefined>)[LINK];
}

/** True while the link behind the client could be left unused without anyone noticing. */
export function isQuiet(client: unknown): boolean {
  return linkOf(client as Client<unknown>)?.quiet ?? false;
}

/** The caller's side of a link. One object per link; its methods are shared by all links of the service. */
export function clientOf<S>(link: Link<S>): Client<S> {
  const client = Object.create(clientPrototype(link.service)) as Record<symbol, unknown>;
  client[LINK] = link;
  return client as Client<S>;
}

function clientPrototype<S>(service: Service<S>): object {
  const holder = service as { clientPrototype?: object };
  if (!holder.clientPrototype) {
    const prototype: Record<string, unknown> = {};
    for (const name of Object.keys(service.methods)) {
      prototype[name] = function (this: Record<symbol, Link>, request: unknown): Call {
        const behind = this[LINK] as Link;
        return new Call(behind, behind.method(name), request);
      };
    }
    Object.defineProperty(holder, 'clientPrototype', { value: prototype });
  }
  return holder.clientPrototype as object;
}
