import type { Host, NetworkNamespace } from '@slipway/host';
import { codeOf, type Client, messageOf, must, type Process, type Random } from '@slipway/kernel';
import type { AddRequest, Attachment, Cni, DelRequest, PluginConfig, Result } from '../contract.ts';
import { isAllowedCode } from '../errors.ts';

/** A plugin that is to be judged, on a host of its own. */
export interface CniSubject {
  /** Over a link without delay or faults. */
  readonly cni: Client<Cni>;
  readonly host: Host;
  /** What the plugin reads, without what belongs to one call; cniVersion 1.1.0 or 1.0.0. */
  readonly config: PluginConfig;
  /** How many attachments the configured pool has addresses for, see `capacityOf`; few are quicker. Left out: cases that fill the pool are skipped. */
  readonly capacity?: number;
  /** For the cases that try random orders. */
  readonly random: Random;
  /** Makes a network namespace on the host, as the runtime does before ADD, and gives its path. */
  makeNamespace(): string;
  /** Runs the process in the world to its end. */
  settle<T>(process: Process<T>): Promise<T>;
}

/** One container as the runtime knows it. */
export interface Container {
  readonly containerId: string;
  readonly netns: string;
  readonly ifname: string;
}

/** There should be an address left. The message says who kept it. */
export class LostAddress extends Error {
  override readonly name = 'LostAddress';
}

/** A subject with the few moves that the cases are made of. */
export class Bench {
  readonly subject: CniSubject;
  #containers = 0;
  #adds = 0;
  #dels = 0;

  constructor(subject: CniSubject) {
    this.subject = subject;
  }

  /** A container with a namespace and nothing in it. */
  container(ifname = 'eth0'): Container {
    this.#containers += 1;
    return { containerId: `sandbox-${this.#containers}`, netns: this.subject.makeNamespace(), ifname };
  }

  async add(container: Container): Promise<Result> {
    const result = await this.subject.settle(this.subject.cni.add(this.request(container)));
    this.#adds += 1;
    return result;
  }

  /** @param prevResult left out: as a runtime that has lost its cache calls */
  async del({ netns, ...container }: Omit<Container, 'netns'> & { readonly netns?: string }, prevResult?: Result): Promise<void> {
    const request: DelRequest = { ...this.#parameters(container, prevResult), ...(netns === undefined ? {} : { netns }) };
    await this.subject.settle(this.subject.cni.del(request));
    this.#dels += 1;
  }

  check(container: Container, prevResult: Result): Promise<void> {
    return this.subject.settle(this.subject.cni.check({ ...this.#parameters(container, prevResult), netns: container.netns }));
  }

  gc(valid: readonly Container[]): Promise<void> {
    const attachments: readonly Attachment[] = valid.map(({ containerId, ifname }) => ({ containerID: containerId, ifname }));
    return this.subject.settle(this.subject.cni.gc({ config: { ...this.subject.config, 'cni.dev/valid-attachments': attachments } }));
  }

  /**
   * Adds so many containers, for which there must be addresses.
   *
   * @param culprit who did not do what, if there are none. Left out: DEL, once it has been called
   * @throws when the pool holds fewer than it should
   */
  async fill(count: number, culprit?: string): Promise<readonly { readonly container: Container; readonly result: Result }[]> {
    const filled = [];
    for (let at = 0; at < count; at += 1) filled.push(await this.#addNext(culprit));
    return filled;
  }

  async #addNext(culprit: string | undefined): Promise<{ readonly container: Container; readonly result: Result }> {
    const container = this.container();
    try {
      return { container, result: await this.add(container) };
    } catch (error) {
      const whose = culprit ?? (this.#dels > 0 ? 'DEL did not give the address back' : undefined);
      if (whose === undefined) throw error;
      const calls = `after ${times(this.#adds, 'ADD')} and ${times(this.#dels, 'DEL')}`;
      throw new LostAddress(`${whose}: ${calls} the next ADD fails: ${messageOf(error)}`, { cause: error });
    }
  }

  request(container: Container, prevResult?: Result): AddRequest {
    return { ...this.#parameters(container, prevResult), netns: container.netns };
  }

  namespace(container: Container): NetworkNamespace {
    const namespace = this.subject.host.network.get(container.netns);
    must(namespace !== undefined, `namespace ${container.netns} is there`);
    return namespace;
  }

  #parameters({ containerId, ifname }: Omit<Container, 'netns'>, prevResult?: Result): Omit<AddRequest, 'netns'> {
    const { config } = this.subject;
    return { containerId, ifname, args: podArgs(containerId), config: prevResult ? { ...config, prevResult } : config };
  }
}

const times = (count: number, verb: string): string => `${count} ${verb}${count === 1 ? '' : 's'}`;

/** What a Kubernetes runtime says of the pod. */
function podArgs(containerId: string): Readonly<Record<string, string>> {
  return {
    IgnoreUnknown: '1',
    K8S_POD_NAMESPACE: 'default',
    K8S_POD_NAME: `pod-of-${containerId}`,
    K8S_POD_INFRA_CONTAINER_ID: containerId,
  };
}

/** The addresses of the container's own interfaces, without prefix length. */
export function addressesOf(result: Result): readonly string[] {
  return (result.ips ?? []).map(({ address }) => address.split('/')[0] ?? '');
}

/** Runs what shall fail, and returns the error, which must be one that a plugin may answer with. */
export async function refusal(what: string, attempt: Promise<unknown>): Promise<unknown> {
  try {
    await attempt;
  } catch (error) {
    const code = codeOf(error);
    must(code === 'UNKNOWN' || isAllowedCode(Number(code)), `${what} fails with a code of the spec or the plugin, not ${code}`);
    must(messageOf(error) !== '', `${what} fails with a message`);
    return error;
  }
  must(false, `${what} fails`);
}

/** Runs a verb that a plugin may leave out. */
export async function unlessMissing(verb: string, attempt: Promise<unknown>): Promise<{ readonly skipped: string } | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (codeOf(error) === 'UNIMPLEMENTED') return { skipped: `the plugin has no ${verb}` };
    throw error;
  }
}
