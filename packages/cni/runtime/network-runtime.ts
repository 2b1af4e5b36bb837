import { Mutex, type Permit, type Process, Semaphore } from '@slipway/kernel';
import type { Attachment, Result } from '../contract.ts';
import { CNI_ERROR, CniError } from '../errors.ts';
import { NETWORK_CONFIG_DIRECTORY } from '../network-config.ts';
import { type Network, NetworkConfigReader } from './config-file.ts';
import {
  executeAdd,
  executeCheck,
  executeDel,
  executeGc,
  executeStatus,
  type AttachmentParameters,
  type CniEnvironment,
} from './execute.ts';

/** Operations that may be under way at once on one host; more than it may have pods. */
const SEATS = 256;

/**
 * What a container runtime has of CNI: the network that is configured on its host, and the five operations on it. Keeps GC apart from
 * everything else, as the spec demands; keeping operations of one container apart is the runtime's own affair. Spec: "Lifecycle &
 * Ordering".
 */
export class NetworkRuntime {
  readonly #environment: CniEnvironment;
  // Permits, not counters: those of a process that dies with its machine come back by themselves.
  readonly #seats = new Semaphore(SEATS, 'CNI operations');
  readonly #collector = new Mutex('CNI GC');
  readonly #reader: NetworkConfigReader;

  /** @param directory where networks are configured */
  constructor(environment: CniEnvironment, directory: string = NETWORK_CONFIG_DIRECTORY) {
    this.#environment = environment;
    this.#reader = new NetworkConfigReader(environment.files, directory);
  }

  /** The network that is configured now; undefined when there is none. @throws CniError when the file cannot be used. */
  network(): Network | undefined {
    return this.#reader.read();
  }

  /**
   * Runs ADD; after a failure DEL of the whole list.
   *
   * @param left told when that DEL failed as well, so that something may be left: the next one is the caller's to ask for
   * @throws what ADD failed with
   */
  *attach(attachment: AttachmentParameters & { readonly netns: string }, left?: () => void): Process<Result> {
    const network = this.#required();
    return yield* this.#shared(this.#addOrUndo(network, attachment, left));
  }

  /** Runs DEL. A host without configuration has nothing to undo with, which is an error: addresses would stay taken. */
  *detach(attachment: AttachmentParameters): Process {
    const network = this.#required();
    yield* this.#shared(executeDel(this.#environment, network, attachment));
  }

  /** Runs CHECK. */
  *check(attachment: AttachmentParameters & { readonly netns: string }): Process {
    const network = this.#required();
    yield* this.#shared(executeCheck(this.#environment, network, attachment));
  }

  /** Runs GC while nothing else runs. @param valid the attachments to keep */
  *collect(valid: readonly Attachment[]): Process {
    const network = this.#required();
    yield* this.#collector.hold(this.#alone(executeGc(this.#environment, network, valid)));
  }

  /** Answers when a network is configured and its plugins can serve ADD. @throws CniError: why not. */
  *status(): Process {
    yield* executeStatus(this.#environment, this.#required());
  }

  *#addOrUndo(network: Network, attachment: AttachmentParameters & { readonly netns: string }, left?: () => void): Process<Result> {
    try {
      return yield* executeAdd(this.#environment, network, attachment);
    } catch (error) {
      try {
        yield* executeDel(this.#environment, network, attachment);
      } catch {
        // The first error tells more.
        left?.();
      }
      throw error;
    }
  }

  #shared<T>(process: Process<T>): Process<T> {
    return this.#seats.hold(process);
  }

  *#alone<T>(process: Process<T>): Process<T> {
    const permits: Permit[] = [];
    try {
      for (let seat = 0; seat < SEATS; seat += 1) permits.push(yield* this.#seats.acquire());
      return yield* process;
    } finally {
      for (const permit of permits) permit.release();
    }
  }

  #required(): Network {
    const network = this.network();
    // Words of containerd's go-cni, which the kubelet shows in the node's Ready condition.
    if (!network) throw new CniError(CNI_ERROR.INVALID_NETWORK_CONFIG, 'cni plugin not initialized');
    return network;
  }
}
