import { sleep, type Mailbox, type Micros, type Process, type Random } from '@slipway/kernel';
import { HostError } from './errors.ts';
import type { FileSystem } from './file-system.ts';
import type { NetworkNamespace } from './namespace.ts';
import { IMAGE_ANNOTATION, ONE_SHOT_ANNOTATION, type HostProcess } from './process.ts';
import type { ProgramContext, ResourceUse, SignalName } from './program.ts';
import type { HttpReply, HttpRequest, NetworkRequest, Reply, SocketHandler, Transport } from './sockets.ts';

const HOSTS = '/etc/hosts';

const NOTHING: Readonly<Record<string, string>> = {};

/** A process as its program sees it. */
export class Context implements ProgramContext {
  readonly process: HostProcess;
  #random: Random | undefined;

  constructor(process: HostProcess) {
    this.process = process;
  }

  get argv(): readonly string[] {
    return this.process.spec.argv;
  }

  get env(): Readonly<Record<string, string>> {
    return this.process.spec.env ?? NOTHING;
  }

  get cwd(): string {
    return this.process.spec.cwd || '/';
  }

  get annotations(): Readonly<Record<string, string>> {
    return this.process.spec.annotations ?? NOTHING;
  }

  get image(): string | undefined {
    return this.process.spec.image ?? this.annotations[IMAGE_ANNOTATION];
  }

  get hostname(): string {
    return this.process.spec.hostname ?? this.process.host.name;
  }

  get oneShot(): boolean {
    return this.process.spec.oneShot ?? this.annotations[ONE_SHOT_ANNOTATION] === 'true';
  }

  get netns(): NetworkNamespace {
    return this.process.spec.netns;
  }

  get files(): FileSystem {
    return this.process.files;
  }

  get signals(): Mailbox<SignalName> {
    return this.process.signals;
  }

  get random(): Random {
    const { host, pid } = this.process;
    this.#random ??= host.kernel.random(`process/${host.name}/${pid}`);
    return this.#random;
  }

  get unixMicros(): Micros {
    return this.process.host.kernel.unixMicros;
  }

  listen(protocol: Transport, port: number, handler: SocketHandler, address?: string): () => void {
    return this.netns.listen({ protocol, port, handler, owner: this.process.owner, ...(address === undefined ? {} : { address }) });
  }

  request(request: Omit<NetworkRequest, 'from' | 'client'>): Process<Reply> {
    return this.process.host.network.request({ ...request, from: this.netns, client: this.process });
  }

  *fetch(url: string, request: Omit<HttpRequest, 'path'> = {}, timeout?: Micros): Process<HttpReply> {
    const match = /^(?:(https?):\/\/)?(\[[^\]]+\]|[^/:?#]+)(?::(\d+))?([^#]*)/.exec(url);
    const [, scheme, host = '', port, rest = ''] = match ?? [];
    if (!match) throw new HostError('EINVAL', `get ${url}`);
    const name = host.startsWith('[') ? host.slice(1, -1) : host;
    const [ip] = yield* this.lookup(name);
    if (ip === undefined) throw new HostError('ENOENT', `lookup ${name}`);
    const path = rest.startsWith('/') ? rest : `/${rest}`;
    const reply = yield* this.request({
      ip,
      port: Number(port ?? (scheme === 'https' ? 443 : 80)),
      protocol: 'http',
      http: { ...request, headers: { Host: host, ...request.headers }, path, scheme: scheme === 'https' ? 'https' : 'http' },
      ...(timeout === undefined ? {} : { timeout }),
    });
    if (!reply.http) throw new HostError('ECONNRESET', `read tcp ${ip}: read`);
    return reply.http;
  }

  *lookup(name: string): Process<readonly string[]> {
    const known = this.#hostsFile(name);
    return known.length > 0 ? known : yield* this.process.host.network.lookup(name, this.netns, this.process);
  }

  /** `/etc/hosts` counts before DNS (nsswitch's usual order), where the kubelet has mounted one. */
  #hostsFile(name: string): string[] {
    if (!this.process.spec.mounts?.some(({ destination }) => destination === HOSTS) || !this.files.exists(HOSTS)) return [];
    const lines = this.files.readText(HOSTS).split('\n');
    return lines.flatMap((line) => {
      const [ip, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      return ip && names.includes(name) ? [ip] : [];
    });
  }

  sleep(duration: Micros): Process {
    return sleep(duration);
  }

  spawn(name: string, process: Process<unknown>): void {
    this.process.owner.spawn(name, process);
  }

  print(line: string): void {
    this.process.spec.stdout?.(line, 'stdout');
  }

  printError(line: string): void {
    this.process.spec.stdout?.(line, 'stderr');
  }

  warn(message: string): void {
    this.process.host.warn(message);
  }

  use(use: ResourceUse): void {
    this.process.use(use);
  }
}
