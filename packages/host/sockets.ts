import type { Micros, Owner, Process } from '@slipway/kernel';
import { HostError } from './errors.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { HostProcess } from './process.ts';

/** What an address and port belong to. HTTP and gRPC are spoken over `tcp` sockets. */
export type Transport = 'tcp' | 'udp' | 'sctp';

/** One exchange with a server: connect, ask, get the answer. */
export interface NetworkRequest {
  /** Where the client is; left out: the machine's own namespace. */
  readonly from?: NetworkNamespace;
  /** The process that asks; left out: nobody in particular. */
  readonly client?: HostProcess;
  /** The client's address as the server sees it. */
  readonly sourceIp?: string;
  readonly ip: string;
  readonly port: number;
  readonly protocol: Transport | 'http' | 'grpc';
  readonly http?: HttpRequest;
  /** The health check's service name. */
  readonly grpc?: { readonly service?: string };
  /** What is said on a plain connection, such as `PING`. */
  readonly data?: string;
  /** Longest wait for a connection and answer. Left out: 30 s for a connection, no limit for the answer. */
  readonly timeout?: Micros;
}

export interface HttpRequest {
  /** `GET` if left out. */
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly scheme?: 'http' | 'https';
  readonly body?: string;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back. An empty reply means: connected, nothing said. */
export interface Reply {
  readonly http?: HttpReply;
  /** Answer of `grpc.health.v1.Health/Check`. */
  readonly grpc?: { readonly status: 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN' };
  readonly data?: string;
}

/** How a server answers; may take time. An error that it throws reaches the client as a connection that was reset. */
export type SocketHandler = (request: NetworkRequest) => Reply | Process<Reply>;

/** A socket that is listened on. */
export interface Socket {
  readonly protocol: Transport;
  /** 0 stands for every port that has no listener of its own. */
  readonly port: number;
  /** Left out: every address of the namespace. */
  readonly address?: string;
  readonly handler: SocketHandler;
  /** Whose end closes the socket and cuts its connections. */
  readonly owner?: Owner;
}

/** HTTP and gRPC are TCP underneath. */
export const transportOf = (protocol: NetworkRequest['protocol']): Transport =>
  protocol === 'http' || protocol === 'grpc' ? 'tcp' : protocol;

/** `dial tcp 10.0.0.5:80`, as Go's net package begins its errors. */
export const dialing = ({ protocol, ip, port }: NetworkRequest): string =>
  `dial ${transportOf(protocol)} ${ip.includes(':') ? `[${ip}]` : ip}:${port}`;

/** Lets an answer that takes time be the server's work: when the server dies the client sees a reset, when the client goes the work stops. */
export function* serve(socket: Socket, request: NetworkRequest, answer: Process<Reply>): Process<Reply> {
  if (!socket.owner) return yield* answer;
  const task = socket.owner.spawn(`${socket.owner.name}/request`, answer);
  try {
    return yield* task.join();
  } catch {
    throw new HostError('ECONNRESET', `read ${transportOf(request.protocol)} ${request.ip}:${request.port}: read`);
  } finally {
    task.stop();
  }
}
