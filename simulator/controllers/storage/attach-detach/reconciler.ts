import type { ControllerContext } from '@slipway/client';
import { all, codeOf, messageOf, type Process } from '@slipway/kernel';
import { isConditionTrue, type PersistentVolume, type Stored, taintKeys, type VolumeAttachment } from '@slipway/kube';
import { ActualState, pairKey } from './actual-state.ts';
import { decideDetach, isMultiAttachAllowed, MAX_WAIT_FOR_UNMOUNT, multiAttachMessage } from './decisions.ts';
import { DesiredState, type WantedAttachment } from './desired-state.ts';
import { type OperationName, OperationLocks } from './operation-locks.ts';
import { attachVolume, detachVolume } from './operations.ts';
import { volumeNamed } from './pod-volumes.ts';
import { attachmentName, parseUniqueName, uniqueNameOf } from './volume-name.ts';

interface Pair {
  readonly volume: string;
  readonly node: string;
}

/**
 * Brings what is attached to what is wanted, one pass at a time. A pass looks at pairs that are attached and unwanted, and at pairs that are
 * wanted and not attached, never at those in order. Source: `pkg/controller/volume/attachdetach/reconciler/reconciler.go`.
 */
export class Reconciler {
  readonly #context: ControllerContext;
  readonly #wake: () => void;
  readonly #actual = new ActualState();
  readonly #desired = new DesiredState();
  readonly #locks: OperationLocks;
  readonly #unwanted = new Map<string, Pair>();
  readonly #missing = new Map<string, Pair>();
  /** By name of their VolumeAttachment, for `verify`. */
  readonly #attachments = new Map<string, Pair>();

  /** @param wake asks for a pass at the next point of the grid */
  constructor(context: ControllerContext, wake: () => void) {
    this.#context = context;
    this.#wake = wake;
    this.#locks = new OperationLocks(context.owner.kernel);
  }

  /** What the API says of attachments that were made before this controller came up. */
  populate(): void {
    const { informers } = this.#context;
    for (const { metadata, status } of informers.get('nodes').list()) {
      for (const { name } of status?.volumesAttached ?? []) this.#mark({ volume: name, node: metadata.name }, true);
      this.#actual.setInUse(metadata.name, status?.volumesInUse ?? []);
    }
    this.#actual.outdated.clear();
    for (const { spec } of informers.get('volumeattachments').list()) this.#adopt(spec);
  }

  /** An attachment that nothing else tells of: it counts as there, though not for certain. */
  #adopt({ source, nodeName: node }: VolumeAttachment['spec']): void {
    const found = this.#context.informers.get('persistentvolumes').get(source.persistentVolumeName ?? '');
    const volume = found && uniqueNameOf(found);
    if (volume === undefined || this.#actual.get(volume, node)) return;
    this.#mark({ volume, node }, false);
    // What the node has said since counts, not the guess that it uses what is new.
    const known = this.#context.informers.get('nodes').get(node);
    if (known) this.#actual.setInUse(node, known.status?.volumesInUse ?? []);
  }

  want(uid: string, key: string, node: string, volumes: readonly string[]): void {
    for (const volume of this.#desired.add(uid, key, node, volumes)) this.#sort({ volume, node });
  }

  unwant(uid: string, only?: (volume: string) => boolean): void {
    const dropped = this.#desired.remove(uid, only);
    for (const volume of dropped?.volumes ?? []) this.#sort({ volume, node: dropped?.node ?? '' });
  }

  noteInUse(node: string, volumes: readonly string[]): void {
    if (this.#actual.setInUse(node, volumes)) this.look(node);
  }

  /** The node has changed in a way that may let volumes off it. */
  look(node: string): void {
    if (this.#actual.volumesOn(node).length > 0) this.#wake();
  }

  /** The node's `volumesAttached` is to be written again. */
  retell(node: string): void {
    if (this.#actual.reportedOn(node).length === 0) return;
    this.#actual.outdated.add(node);
    this.#wake();
  }

  /**
   * Somebody else may have changed the attachment: what it no longer says is not so.
   *
   * @param adopt an unknown one is taken over
   */
  verify(name: string, adopt: boolean): void {
    const pair = this.#attachments.get(name);
    const attachment = this.#context.informers.get('volumeattachments').get(name);
    if (!pair && attachment && adopt) this.#adopt(attachment.spec);
    if (!pair || !this.#actual.get(pair.volume, pair.node)?.confirmed || this.#locks.isPending(this.#lockOf(pair))) return;
    if (!attachment?.status?.attached) this.#remove(pair);
  }

  /** Detaches first, so that a pod's volume is off the old node before it is wanted on the new one; then attaches, then tells the nodes. */
  *pass(): Process {
    for (const pair of inOrder(this.#unwanted)) yield* this.#detachIfDue(pair);
    for (const pair of inOrder(this.#missing)) this.#attachIfPossible(pair);
    yield* all([...this.#actual.outdated].sort().map((node) => this.#tell(node)));
  }

  *#detachIfDue(pair: Pair): Process {
    const { volume, node } = pair;
    const attachment = this.#actual.get(volume, node);
    const lock = this.#lockOf(pair);
    if (!attachment || this.#desired.get(volume, node) || this.#isBlocked(lock, 'detach')) return;
    const { informers, now } = this.#context;
    attachment.unwantedSince ??= now();
    const found = informers.get('nodes').get(node);
    const decision = decideDetach({
      elapsed: now() - attachment.unwantedSince,
      mounted: this.#actual.isMounted(volume, node),
      healthy: isConditionTrue(found?.status?.conditions, 'Ready'),
      outOfService: found?.spec?.taints?.some(({ key }) => key === taintKeys.outOfService) ?? false,
    });
    if (decision === 'wait') {
      const left = attachment.unwantedSince + MAX_WAIT_FOR_UNMOUNT + 1 - now();
      if (left > 0) this.#context.queue.addAfter(pairKey(volume, node), left);
      return;
    }
    // The kubelet must not mount it any more once it is being detached.
    this.#actual.unreport(volume, node);
    if (!(yield* this.#tell(node))) {
      this.#actual.report(volume, node);
      return;
    }
    if (decision === 'force') this.#context.log('forced detach: the node does not unmount it', `${volume} on ${node}`);
    this.#run(lock, 'detach', this.#detach(pair, decision === 'safely'));
  }

  #attachIfPossible(pair: Pair): void {
    const { volume, node } = pair;
    const wanted = this.#desired.get(volume, node);
    const lock = this.#lockOf(pair);
    if (!wanted || this.#locks.isPending(lock)) return;
    const object = volumeNamed(volume, this.#context.informers);
    if (!object) return;
    // An attachment that is not certain counts: the volume may be there.
    const elsewhere = this.#actual.nodesOf(volume).filter((other) => other !== node);
    if (elsewhere.length > 0 && !isMultiAttachAllowed(object)) {
      this.#reportMultiAttach(wanted, object.metadata.name, elsewhere);
      return;
    }
    if (!this.#isBlocked(lock, 'attach')) this.#run(lock, 'attach', this.#attach(wanted, object));
  }

  #reportMultiAttach(wanted: WantedAttachment, name: string, elsewhere: readonly string[]): void {
    if (wanted.multiAttachReported) return;
    wanted.multiAttachReported = true;
    const users = elsewhere.flatMap((node) => [...(this.#desired.get(wanted.volume, node)?.pods.values() ?? [])]).sort();
    this.#report(wanted, 'Warning', 'FailedAttachVolume', (key) => multiAttachMessage(name, key, users));
  }

  *#attach(wanted: WantedAttachment, { metadata: { name } }: Stored<PersistentVolume>): Process<boolean> {
    const { volume, node } = wanted;
    try {
      yield* attachVolume(volume, node, name, this.#context);
    } catch (error) {
      if (codeOf(error) === 'UNKNOWN') throw error;
      // Perhaps done: whoever gives up on it has to detach it.
      this.#mark(wanted, false);
      const message = `AttachVolume.Attach failed for volume ${JSON.stringify(name)} : ${messageOf(error)}`;
      this.#report(wanted, 'Warning', 'FailedAttachVolume', () => message);
      return false;
    }
    this.#mark(wanted, true);
    this.#report(wanted, 'Normal', 'SuccessfulAttachVolume', () => `AttachVolume.Attach succeeded for volume ${JSON.stringify(name)} `);
    return true;
  }

  *#detach(pair: Pair, verify: boolean): Process<boolean> {
    try {
      yield* detachVolume(pair.volume, pair.node, verify, this.#context);
    } catch (error) {
      if (codeOf(error) === 'UNKNOWN') throw error;
      this.#context.log(`DetachVolume.Detach failed: ${messageOf(error)}`, `${pair.volume} on ${pair.node}`);
      this.#mark(pair, false);
      return false;
    }
    this.#remove(pair);
    return true;
  }

  /** Runs beside the passes. */
  #run(lock: string, operation: OperationName, work: Process<boolean>): void {
    this.#locks.begin(lock, operation);
    this.#context.owner.spawn(`${operation} ${lock}`, this.#finish(lock, operation, work));
  }

  *#finish(lock: string, operation: OperationName, work: Process<boolean>): Process {
    const done = yield* work;
    this.#locks.end(lock, operation, !done);
    this.#wake();
  }

  /** True while an operation runs or its back-off lasts; the end of either asks for a pass. */
  #isBlocked(lock: string, operation: OperationName): boolean {
    if (this.#locks.isPending(lock)) return true;
    const left = this.#locks.left(lock, operation);
    if (left > 0) this.#context.queue.addAfter(`${operation}/${lock}`, left);
    return left > 0;
  }

  #lockOf({ volume, node }: Pair): string {
    return isMultiAttachAllowed(volumeNamed(volume, this.#context.informers)) ? pairKey(volume, node) : volume;
  }

  #mark(pair: Pair, confirmed: boolean): void {
    this.#actual.mark(pair.volume, pair.node, confirmed);
    const identity = parseUniqueName(pair.volume);
    if (identity) this.#attachments.set(attachmentName(identity, pair.node), pair);
    this.#sort(pair);
  }

  #remove(pair: Pair): void {
    this.#actual.remove(pair.volume, pair.node);
    const identity = parseUniqueName(pair.volume);
    if (identity) this.#attachments.delete(attachmentName(identity, pair.node));
    this.#sort(pair);
  }

  /** Puts the pair where it belongs after a change, and asks for a pass. */
  #sort({ volume, node }: Pair): void {
    const key = pairKey(volume, node);
    const wanted = this.#desired.get(volume, node) !== undefined;
    const attachment = this.#actual.get(volume, node);
    if (attachment && wanted && attachment.confirmed) attachment.unwantedSince = undefined;
    if (attachment && !wanted) this.#unwanted.set(key, { volume, node });
    else this.#unwanted.delete(key);
    if (wanted && !attachment?.confirmed) this.#missing.set(key, { volume, node });
    else this.#missing.delete(key);
    this.#wake();
  }

  /** Writes `volumesAttached`. False when the server did not take it; then it is written again. A node that is gone needs no telling. */
  *#tell(node: string): Process<boolean> {
    const { api, informers } = this.#context;
    if (!this.#actual.outdated.delete(node)) return true;
    if (!informers.get('nodes').get(node)) return true;
    const volumesAttached = this.#actual.reportedOn(node).map((name) => ({ name, devicePath: '' }));
    try {
      yield* api.nodes.patch({ name: node, subresource: 'status', patch: { status: { volumesAttached } } });
      return true;
    } catch (error) {
      if (codeOf(error) === 'NotFound') return true;
      if (codeOf(error) === 'UNKNOWN') throw error;
      this.#context.log(`volumesAttached will be written again: ${messageOf(error)}`, node);
      this.#actual.outdated.add(node);
      this.#wake();
      return false;
    }
  }

  /** Tells each pod that waits for the volume. */
  #report({ pods }: WantedAttachment, type: 'Normal' | 'Warning', reason: string, message: (podKey: string) => string): void {
    const cache = this.#context.informers.get('pods');
    for (const [uid, key] of [...pods].sort(([, a], [, b]) => (a < b ? -1 : 1))) {
      const pod = cache.get(key);
      if (pod?.metadata.uid === uid) this.#context.events.report(pod, type, reason, message(key));
    }
  }
}

const inOrder = (pairs: ReadonlyMap<string, Pair>): readonly Pair[] =>
  [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
