import { dialing, type Host, HostError, type HostErrorCode, type NetworkNamespace, type NetworkRequest, type Reply } from '@slipway/host';
import { type Process, seconds, sleep } from '@slipway/kernel';
import type { Pod, Stored } from '@slipway/kube';
import { NEIGHBOUR_MISSING } from './latency.ts';

/** Part of a request's way. */
export type Stage = 'dns' | 'service' | 'mesh-route' | 'network' | 'load-balancer' | 'mesh-authorise' | 'deliver';

/** What one part of the way made of a request. */
export interface Step {
  readonly stage: Stage;
  /** A node's name, `cloud`, `outside`, or the name server's address. */
  readonly where: string;
  readonly what: string;
}

/** Where a request ended that did not arrive, and why. */
export interface Drop {
  readonly stage: Stage;
  readonly where: string;
  readonly why: string;
}

/** What became of a request. */
export interface Outcome {
  /** The server was asked and its answer came back, whatever it says. */
  readonly delivered: boolean;
  /** Also where the mesh refused with an HTTP answer. */
  readonly reply?: Reply;
  readonly steps: readonly Step[];
  readonly dropped?: Drop;
  /** What the client sees of a drop, in the words of Go's net package. */
  readonly error?: string;
}

/** Whoever asks. */
export interface Sender {
  /** `pod default/web-0`, `node node-1`, `outside`. */
  readonly name: string;
  /** Left out: outside the cluster. */
  readonly place?: { readonly host: Host; readonly namespace: NetworkNamespace };
  /** Left out: a node, or somebody outside. */
  readonly pod?: Stored<Pod>;
  /** The address that it asks from. */
  readonly ip: string;
}

/** A request came to its end before the server. Thrown along the way, for the client's side to turn into words. */
export class Dropped extends Error {
  override readonly name = 'Dropped';
  readonly drop: Drop;
  readonly code: HostErrorCode;
  /** An answer all the same: a proxy's refusal in HTTP. */
  readonly reply: Reply | undefined;

  constructor(drop: Drop, code: HostErrorCode, reply?: Reply) {
    super(`${drop.stage} at ${drop.where}: ${drop.why}`);
    this.drop = drop;
    this.code = code;
    this.reply = reply;
  }
}

/** One request on its way. */
export class Trip {
  readonly sender: Sender;
  readonly request: NetworkRequest;
  readonly steps: Step[] = [];
  /** How far it has come: a node's name, or `outside`. */
  at: string;

  constructor(sender: Sender, request: NetworkRequest) {
    this.sender = sender;
    this.request = request;
    this.at = this.origin;
  }

  get protocol(): 'TCP' | 'UDP' {
    return this.request.protocol === 'udp' ? 'UDP' : 'TCP';
  }

  /** Where the sender is, for steps. */
  get origin(): string {
    return this.sender.place?.host.name ?? 'outside';
  }

  note(stage: Stage, where: string, what: string): void {
    this.steps.push({ stage, where, what });
  }

  drop(stage: Stage, where: string, why: string, code: HostErrorCode, reply?: Reply): never {
    this.note(stage, where, why);
    throw new Dropped({ stage, where, why }, code, reply);
  }
}

/** The client's wait until it knows that its request was dropped, and what it then sees. */
export function* clientError({ code }: Dropped, request: NetworkRequest): Process<HostError> {
  if (code === 'ETIMEDOUT') yield* sleep(request.timeout ?? seconds(30));
  if (code === 'EHOSTUNREACH') yield* sleep(Math.min(NEIGHBOUR_MISSING, request.timeout ?? NEIGHBOUR_MISSING));
  if (code === 'ECONNRESET') return new HostError(code, `read tcp ${request.ip}:${request.port}: read`);
  return new HostError(code, code === 'ETIMEDOUT' ? dialing(request) : `${dialing(request)}: connect`);
}
