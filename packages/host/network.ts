import { codeOf, isProcess, sleep, timeout, seconds, type Process } from '@slipway/kernel';
import { HostError } from './errors.ts';
import type { Host } from './host.ts';
import { canonicalIp } from './ip.ts';
import { NetworkNamespace } from './namespace.ts';
import type { HostProcess } from './process.ts';
import { dialing, serve, transportOf, type NetworkRequest, type Reply } from './sockets.ts';

/** The network of one machine: its own namespace, those made on it, and an index from address to namespace. */
export class HostNetwork {
  readonly host: Host;
  /** Carries a request to an address that is not on this host, say over the cluster's data path. Left out: nobody answers there. */
  remote: ((request: NetworkRequest) => Process<Reply>) | undefined;
  /**
   * Whether a request to an address of this host is `remote`'s all the same: packet rules (a node port, a proxy in the pod) come before
   * sockets. Left out: no.
   */
  diverts: ((request: NetworkRequest, from: NetworkNamespace, to: NetworkNamespace) => boolean) | undefined;
  /** Looks up a name for a client in this namespace. Left out: `localhost` alone is known. */
  names: ((name: string, from: NetworkNamespace, client: HostProcess | undefined) => Process<readonly string[]>) | undefined;
  /** Told of each address that comes to or goes from a namespace of this host, so that others can keep an index. */
  onAddress: ((ip: string, namespace: NetworkNamespace, present: boolean) => void) | undefined;
  #root: NetworkNamespace | undefined;
  #namespaces: Map<string, NetworkNamespace> | undefined;
  #byIp: Map<string, NetworkNamespace | NetworkNamespace[]> | undefined;
  #interfaces = 0;

  constructor(host: Host) {
    this.host = host;
  }

  /** The machine's own namespace, with `eth0` if the host was given addresses. */
  get root(): NetworkNamespace {
    if (!this.#root) {
      this.#root = new NetworkNamespace(this, '');
      const { addresses, gateway } = this.host;
      if (addresses.length > 0) this.#root.addInterface({ name: 'eth0', kind: 'physical', addresses });
      if (gateway !== undefined && addresses.length > 0)
        this.#root.addRoute({ dst: gateway.includes(':') ? '::/0' : '0.0.0.0/0', gw: gateway, dev: 'eth0' });
    }
    return this.#root;
  }

  /** Namespaces besides the machine's own, in the order of making. */
  list(): readonly NetworkNamespace[] {
    return [...(this.#namespaces?.values() ?? [])];
  }

  /** @throws HostError EEXIST */
  create(path: string): NetworkNamespace {
    if (this.#namespaces?.has(path)) throw new HostError('EEXIST', `create network namespace ${path}`);
    const namespace = new NetworkNamespace(this, path);
    this.#namespaces ??= new Map();
    this.#namespaces.set(path, namespace);
    return namespace;
  }

  /** The namespace of this path; the empty path is the machine's own. */
  get(path: string): NetworkNamespace | undefined {
    return path === '' ? this.root : this.#namespaces?.get(path);
  }

  /** Removes a namespace with everything in it; other ends of its veths go too. Safe to repeat. */
  delete(path: string): void {
    const namespace = this.#namespaces?.get(path);
    if (!namespace) return;
    namespace.dissolve();
    this.#namespaces?.delete(path);
  }

  /** Which namespace of this host has the address on an interface that is up; of several, the one that had it first. Never loopback. */
  resolve(ip: string): NetworkNamespace | undefined {
    void this.root;
    const found = this.#byIp?.get(ip) ?? (ip.includes(':') ? this.#byIp?.get(canonicalIp(ip)) : undefined);
    return Array.isArray(found) ? found[0] : found;
  }

  /**
   * Connects and asks: the client's own namespace first, then this host's unless it `diverts`, then `remote`.
   *
   * @throws HostError ECONNREFUSED (nobody listens), ETIMEDOUT (nobody there, or no answer in time), ENETUNREACH (the client has no
   *   route), ECONNRESET (the server died); in Go's words, since the kubelet's are
   */
  *request(request: NetworkRequest): Process<Reply> {
    const from = request.from ?? this.root;
    const there = from.has(request.ip) ? from : this.resolve(request.ip);
    if (there && !(this.remote && this.diverts?.(request, from, there))) {
      const answer = this.#answer(request, there);
      // Nearly every server answers at once, and then no process need be made for it.
      return isProcess(answer) ? yield* this.#within(answer, request) : answer;
    }
    if (this.remote) return yield* this.#within(this.remote(request), request);
    if (!from.route(request.ip)) throw new HostError('ENETUNREACH', `${dialing(request)}: connect`);
    yield* sleep(request.timeout ?? seconds(30));
    throw new HostError('ETIMEDOUT', dialing(request));
  }

  /** Hands a request to whoever listens in a namespace of this host; what a data path does at the end of its way. */
  *deliver(request: NetworkRequest, namespace: NetworkNamespace | undefined = this.resolve(request.ip)): Process<Reply> {
    const answer = this.#answer(request, namespace);
    return isProcess(answer) ? yield* answer : answer;
  }

  /** Addresses of a name, for a client in this namespace. An address is its own name. Empty: no such name. */
  *lookup(name: string, from: NetworkNamespace = this.root, client?: HostProcess): Process<readonly string[]> {
    if (name === 'localhost') return ['127.0.0.1'];
    if (/^[\d.]+$|:/.test(name)) return [name];
    return this.names ? yield* this.names(name, from, client) : [];
  }

  /** For namespaces. */
  addressAdded(ip: string, namespace: NetworkNamespace): void {
    this.#byIp ??= new Map();
    const there = this.#byIp.get(ip);
    if (there === undefined) this.#byIp.set(ip, namespace);
    else this.#byIp.set(ip, [...(Array.isArray(there) ? there : [there]), namespace]);
    this.onAddress?.(ip, namespace, true);
  }

  /** For namespaces. */
  addressRemoved(ip: string, namespace: NetworkNamespace): void {
    const there = this.#byIp?.get(ip);
    if (Array.isArray(there)) {
      const left = there.toSpliced(there.indexOf(namespace), 1);
      if (left[0]) this.#byIp?.set(ip, left.length === 1 ? left[0] : left);
    } else if (there === namespace) this.#byIp?.delete(ip);
    this.onAddress?.(ip, namespace, false);
  }

  /** For namespaces: whether one of them has this address, canonically written, on an interface that is up. Never loopback. */
  holds(ip: string, namespace: NetworkNamespace): boolean {
    const found = this.#byIp?.get(ip);
    return Array.isArray(found) ? found.includes(namespace) : found === namespace;
  }

  /** For namespaces: numbers interfaces from 1. */
  nextInterface(): number {
    this.#interfaces += 1;
    return this.#interfaces;
  }

  /** Power goes. Hooks stay, for they are the wiring's. */
  losePower(): void {
    if (this.onAddress) {
      for (const [ip, found] of this.#byIp ?? [])
        for (const namespace of Array.isArray(found) ? found : [found]) this.onAddress(ip, namespace, false);
    }
    this.#root = undefined;
    this.#namespaces = undefined;
    this.#byIp = undefined;
  }

  #answer(request: NetworkRequest, namespace: NetworkNamespace | undefined): Reply | Process<Reply> {
    const socket = namespace?.socketAt(transportOf(request.protocol), request.port, request.ip);
    if (!socket) throw new HostError('ECONNREFUSED', `${dialing(request)}: connect`);
    const answer = socket.handler(request);
    return isProcess(answer) ? serve(socket, request, answer) : answer;
  }

  *#within(answer: Process<Reply>, request: NetworkRequest): Process<Reply> {
    if (request.timeout === undefined) return yield* answer;
    try {
      return yield* timeout(answer, request.timeout);
    } catch (error) {
      if (codeOf(error) === 'DEADLINE_EXCEEDED') throw new HostError('ETIMEDOUT', dialing(request));
      throw error;
    }
  }
}
