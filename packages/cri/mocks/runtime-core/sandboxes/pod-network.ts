import type { Client, Process } from '@slipway/kernel';
import { messageOf } from '@slipway/kernel';
import type { Cni, Result, RuntimeConfig } from '@slipway/cni';
import { NETWORK_CONFIG_DIRECTORY, NetworkRuntime } from '@slipway/cni';
import { cidr, formatIp, type Host } from '@slipway/host';
import type { PodSandboxConfig, PortMapping } from '../../../messages/index.ts';
import type { Flavour } from '../flavour.ts';
import type { Sandbox } from './sandbox.ts';
import type { RuntimeStore } from '../store.ts';

/** The interface whose address is the pod's. Source: containerd, internal/cri/server/service.go defaultIfName. */
const POD_INTERFACE = 'eth0';

/** Gives sandboxes their network: the namespace on the host, and through CNI what is in it. */
export class PodNetwork {
  readonly #host: Host;
  readonly #flavour: Flavour;
  readonly #store: RuntimeStore;
  readonly #runtime: NetworkRuntime;

  constructor(host: Host, flavour: Flavour, store: RuntimeStore, find: (type: string) => Client<Cni> | undefined) {
    this.#host = host;
    this.#flavour = flavour;
    this.#store = store;
    this.#runtime = new NetworkRuntime({ files: host.files, find }, NETWORK_CONFIG_DIRECTORY);
  }

  /** Makes the namespace and has the plugins fill it. On failure the plugins were asked to undo, and the caller removes the namespace. */
  *setUp(sandbox: Sandbox): Process {
    const { words } = this.#flavour;
    const { id, config, record } = sandbox;
    const name = this.#flavour.sandboxName(config.metadata);
    this.#host.network.create(record.netns);
    let result: Result;
    try {
      // A sandbox that cannot be undone now counts as attached, so that it is kept and asked for again. Source: containerd,
      // internal/cri/server/sandbox_run.go, `cleanupErr`.
      const left = (): void => this.#store.changeSandbox(sandbox, { attached: true });
      result = yield* this.#runtime.attach({ ...this.#attachment(sandbox), netns: record.netns }, left);
    } catch (error) {
      throw words.networkSetUp(id, name, config.metadata, this.#networkName(), messageOf(error));
    }
    this.#store.changeSandbox(sandbox, { attached: true, ips: podAddresses(result) });
    if (sandbox.record.ips.length === 0) throw words.noPodAddress(id, name);
  }

  /**
   * Has the plugins undo what they did and removes the namespace. Safe to repeat.
   *
   * @throws CriError when a plugin cannot, and there was something to undo; the namespace then stays for the next try.
   */
  *tearDown(sandbox: Sandbox): Process {
    if (sandbox.record.netns !== '') yield* sandbox.networkLock.hold(this.#undo(sandbox));
  }

  /** Removes the namespace without asking anybody. */
  dropNamespace(sandbox: Sandbox): void {
    if (sandbox.record.netns !== '') this.#host.network.delete(sandbox.record.netns);
  }

  /** Asks the plugins whether the sandbox's network is as they made it. Whatever they say, the sandbox goes on with the addresses that it has. */
  *check(sandbox: Sandbox): Process {
    const { netns } = sandbox.record;
    try {
      yield* this.#runtime.check({ ...this.#attachment(sandbox), netns });
    } catch {
      // CRI-O warns in its log, and nothing else.
    }
  }

  /** Undefined when pods can be given a network; else why not, in the runtime's words. */
  *notReady(): Process<string | undefined> {
    try {
      yield* this.#runtime.status();
      return undefined;
    } catch (error) {
      return this.#flavour.words.networkNotReady(messageOf(error));
    }
  }

  /**
   * Has the plugins free what belongs to sandboxes that nobody remembers: those that were being made when the power went. A network that
   * cannot be asked now is asked after the next start.
   */
  *collect(): Process {
    const valid = [...this.#store.sandboxes.values()].filter(({ record }) => record.attached);
    try {
      yield* this.#runtime.collect(valid.map(({ id }) => ({ containerID: id, ifname: POD_INTERFACE })));
    } catch {
      // Nothing depends on it but free addresses.
    }
  }

  *#undo(sandbox: Sandbox): Process {
    const { netns, attached } = sandbox.record;
    const there = this.#host.network.get(netns) !== undefined;
    if (attached || (this.#flavour.repeatsNetworkDel && there)) yield* this.#del(sandbox, there);
    else if (this.#flavour.repeatsNetworkDel) yield* this.#delAgain(sandbox);
    this.#host.network.delete(netns);
  }

  *#del(sandbox: Sandbox, there: boolean): Process {
    const { id, config, record } = sandbox;
    try {
      yield* this.#runtime.detach({ ...this.#attachment(sandbox), ...(there ? { netns: record.netns } : {}) });
    } catch (error) {
      if (!record.attached) return;
      throw this.#flavour.words.networkTearDown(
        id,
        this.#flavour.sandboxName(config.metadata),
        config.metadata,
        this.#networkName(),
        messageOf(error),
      );
    }
    this.#store.changeSandbox(sandbox, { attached: false });
  }

  /** Spec: DEL must succeed when there is nothing left; containerd asks again all the same, and minds no answer. */
  *#delAgain(sandbox: Sandbox): Process {
    try {
      yield* this.#runtime.detach(this.#attachment(sandbox));
    } catch {
      // There was nothing to undo.
    }
  }

  #attachment({ id, config }: Sandbox) {
    const { name, namespace, uid } = config.metadata;
    return {
      containerId: id,
      ifname: POD_INTERFACE,
      args: { IgnoreUnknown: '1', K8S_POD_NAMESPACE: namespace, K8S_POD_NAME: name, K8S_POD_INFRA_CONTAINER_ID: id, K8S_POD_UID: uid },
      capabilityArgs: capabilitiesOf(config),
    };
  }

  #networkName(): string {
    try {
      return this.#runtime.network()?.name ?? '';
    } catch {
      return '';
    }
  }
}

/** Values for plugins that declare these capabilities. Source: containerd, internal/cri/server/sandbox_run.go cniNamespaceOpts. */
function capabilitiesOf({ portMappings = [], dnsConfig }: PodSandboxConfig): RuntimeConfig {
  const ports = portMappings.filter(({ hostPort = 0 }) => hostPort > 0);
  return {
    ...(ports.length > 0 ? { portMappings: ports.map(toCniPort) } : {}),
    ...(dnsConfig
      ? { dns: { servers: dnsConfig.servers ?? [], searches: dnsConfig.searches ?? [], options: dnsConfig.options ?? [] } }
      : {}),
  };
}

const toCniPort = ({ protocol = 'TCP', containerPort, hostPort = 0, hostIp = '' }: PortMapping) => ({
  hostPort,
  containerPort,
  protocol: protocol.toLowerCase() as 'tcp' | 'udp' | 'sctp',
  ...(hostIp === '' ? {} : { hostIP: hostIp }),
});

/** Addresses of the pod's interface, in the order of the result. An address that names no interface is taken for it. Source: go-cni result.go. */
function podAddresses({ interfaces = [], ips = [] }: Result): readonly string[] {
  return ips
    .filter((ip) => ip.interface === undefined || interfaces[ip.interface]?.name === POD_INTERFACE)
    .map(({ address }) => formatIp(cidr(address).ip));
}
