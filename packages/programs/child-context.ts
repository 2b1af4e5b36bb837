import type {
  FileSystem,
  HostProcess,
  HttpReply,
  HttpRequest,
  NetworkNamespace,
  NetworkRequest,
  ProgramContext,
  Reply,
  ResourceUse,
  SignalName,
  SocketHandler,
  Transport,
} from '@slipway/host';
import { Mailbox, type Micros, type Process, type Random } from '@slipway/kernel';

/** What a command's context has otherwise than its container's. */
export interface ContextChange {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Left out: a mailbox of its own, so that the container's signals stay with its first process. */
  readonly signals?: Mailbox<SignalName>;
  readonly print?: (line: string) => void;
  readonly printError?: (line: string) => void;
  readonly oneShot?: boolean;
}

/** A program that runs inside a container beside, or in place of, its first process. */
export class ChildContext implements ProgramContext {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly signals: Mailbox<SignalName>;
  readonly oneShot: boolean;
  readonly #parent: ProgramContext;
  readonly #change: ContextChange;
  #closers: (() => void)[] = [];

  constructor(parent: ProgramContext, change: ContextChange) {
    this.#parent = parent;
    this.#change = change;
    this.argv = change.argv ?? parent.argv;
    this.env = change.env ?? parent.env;
    this.cwd = change.cwd ?? parent.cwd;
    this.signals = change.signals ?? new Mailbox('signals');
    this.oneShot = change.oneShot ?? parent.oneShot;
  }

  get process(): HostProcess {
    return this.#parent.process;
  }

  get image(): string | undefined {
    return this.#parent.image;
  }

  get annotations(): Readonly<Record<string, string>> {
    return this.#parent.annotations;
  }

  get hostname(): string {
    return this.#parent.hostname;
  }

  get netns(): NetworkNamespace {
    return this.#parent.netns;
  }

  get files(): FileSystem {
    return this.#parent.files;
  }

  get random(): Random {
    return this.#parent.random;
  }

  get unixMicros(): Micros {
    return this.#parent.unixMicros;
  }

  listen(protocol: Transport, port: number, handler: SocketHandler, address?: string): () => void {
    const close = this.#parent.listen(protocol, port, handler, address);
    this.#closers.push(close);
    return close;
  }

  /** The program has ended: its sockets close though the container goes on. */
  closeSockets(): void {
    for (const close of this.#closers.splice(0)) close();
  }

  request(request: Omit<NetworkRequest, 'from'>): Process<Reply> {
    return this.#parent.request(request);
  }

  fetch(url: string, request?: Omit<HttpRequest, 'path'>, timeout?: Micros): Process<HttpReply> {
    return this.#parent.fetch(url, request, timeout);
  }

  lookup(name: string): Process<readonly string[]> {
    return this.#parent.lookup(name);
  }

  sleep(duration: Micros): Process {
    return this.#parent.sleep(duration);
  }

  spawn(name: string, process: Process<unknown>): void {
    this.#parent.spawn(name, process);
  }

  print(line: string): void {
    if (this.#change.print) this.#change.print(line);
    else this.#parent.print(line);
  }

  printError(line: string): void {
    if (this.#change.printError) this.#change.printError(line);
    else this.#parent.printError(line);
  }

  warn(message: string): void {
    this.#parent.warn(message);
  }

  use(use: ResourceUse): void {
    this.#parent.use(use);
  }
}
