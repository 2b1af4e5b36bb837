import { dialing, HostError, type HttpRequest, type NetworkRequest, parseIp, type Reply } from '@slipway/host';
import { codeOf, type Kernel, type Micros, type Process, seconds, timeout } from '@slipway/kernel';
import type { Answer } from './dns.ts';
import { clientError, Dropped, type Outcome, type Sender, Trip } from './trip.ts';

/** One request, as a command or a scenario asks for it. */
export interface TrafficRequest {
  /** A pod as `namespace/name`, a node by name, or somebody outside (with an address of their own, or `true` for anybody). */
  readonly from: { readonly pod: string } | { readonly node: string } | { readonly outside: true | string };
  /** `http://web/path`, `grpc://cart:7070`, `web.default:80`, `10.96.0.20:80`, `[fd00::5]:80`. */
  readonly to: string;
  /** Left out: as the URL says, TCP without one. */
  readonly protocol?: NetworkRequest['protocol'];
  readonly http?: Omit<HttpRequest, 'path'>;
  /** Said on a plain connection. */
  readonly data?: string;
  /** 5 s if left out. */
  readonly timeout?: Micros;
}

/** What `ask` needs of traffic. */
export interface Roads {
  readonly kernel: Kernel;
  /** The sender, or why there is none. */
  sender(from: TrafficRequest['from']): Sender | string;
  resolve(name: string, sender: Sender): Process<Answer>;
  carry(trip: Trip): Process<Reply>;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, grpc: 80 };

interface Goal {
  readonly name: string;
  readonly port: number;
  readonly protocol: NetworkRequest['protocol'];
  readonly path: string;
  readonly scheme: 'http' | 'https';
}

/** Reads where a request goes. @throws RangeError naming the text when it is no address. */
export function goalOf({ to, protocol }: Pick<TrafficRequest, 'to' | 'protocol'>): Goal {
  const match = /^(?:(https?|grpc|tcp|udp):\/\/)?(\[[^\]]+\]|[^/:?#]+)(?::(\d+))?([/?][^#]*)?$/.exec(to);
  const [, scheme, host = '', given, rest = '/'] = match ?? [];
  const port = Number(given ?? DEFAULT_PORTS[scheme ?? ''] ?? 0);
  if (!match || port < 1 || port > 65_535)
    throw new RangeError(`"${to}" is nowhere to send a request: write for example http://web.default/, web:80 or 10.96.0.20:80`);
  const spoken = scheme === 'https' ? 'http' : (scheme as NetworkRequest['protocol'] | undefined);
  return {
    name: host.replace(/^\[|\]$/g, ''),
    port,
    protocol: protocol ?? spoken ?? 'tcp',
    path: rest.startsWith('/') ? rest : `/${rest}`,
    scheme: scheme === 'https' ? 'https' : 'http',
  };
}

/** Looks the name up, sends the request, and tells what became of it. @throws RangeError (`to` is no address) */
export function* ask(request: TrafficRequest, roads: Roads): Process<Outcome> {
  const { name, port, protocol, path, scheme } = goalOf(request);
  const limit = request.timeout ?? seconds(5);
  const sender = roads.sender(request.from);
  if (typeof sender === 'string') {
    const drop = { stage: 'network', where: placeOf(request.from), why: sender } as const;
    return { delivered: false, steps: [drop].map(({ stage, where, why }) => ({ stage, where, what: why })), dropped: drop, error: sender };
  }
  const asked: NetworkRequest = {
    ip: name,
    port,
    protocol,
    timeout: limit,
    ...(sender.place ? { from: sender.place.namespace } : {}),
    ...(protocol === 'http' ? { http: { ...request.http, headers: { Host: name, ...request.http?.headers }, path, scheme } } : {}),
    ...(request.data === undefined ? {} : { data: request.data }),
  };
  if (parseIp(name)) return yield* attempt(new Trip(sender, asked), limit, roads);
  const answer = yield* roads.resolve(name, sender);
  const [ip] = answer.addresses;
  const aliased = answer.alias === undefined ? '' : ` (alias of ${answer.alias})`;
  const what = ip === undefined ? (answer.why ?? 'no such host') : `${answer.name}${aliased} is ${answer.addresses.join(', ')}`;
  const trip = new Trip(sender, { ...asked, ip: ip ?? name });
  trip.note('dns', trip.origin, what);
  if (ip !== undefined) return yield* attempt(trip, limit, roads);
  const dropped = { stage: 'dns', where: trip.origin, why: what } as const;
  roads.kernel.record(
    'decision',
    'traffic',
    'traffic/request',
    sender.name,
    [`${protocol} ${name}:${port}`, `dropped, dns: ${what}`],
    trip.steps,
  );
  return { delivered: false, steps: trip.steps, dropped, error: `lookup ${name}: no such host` };
}

function* attempt(trip: Trip, limit: Micros, { carry }: Roads): Process<Outcome> {
  const { steps, request } = trip;
  try {
    return { delivered: true, reply: yield* timeout(carry(trip), limit), steps };
  } catch (error) {
    if (error instanceof Dropped) {
      const { drop, reply } = error;
      if (reply) return { delivered: false, reply, steps, dropped: drop };
      return { delivered: false, steps, dropped: drop, error: (yield* clientError(error, request)).message };
    }
    if (codeOf(error) !== 'DEADLINE_EXCEEDED') throw error;
    const dropped = { stage: 'deliver', where: trip.at, why: 'no answer in time' } as const;
    // It has waited long enough: the words alone.
    return { delivered: false, steps, dropped, error: new HostError('ETIMEDOUT', dialing(request)).message };
  }
}

const placeOf = (from: TrafficRequest['from']): string => ('pod' in from ? from.pod : 'node' in from ? from.node : 'outside');
