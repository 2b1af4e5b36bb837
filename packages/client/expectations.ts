import { type Kernel, type Micros, minutes } from '@slipway/kernel';

interface Expected {
  creations: number;
  deletions: number;
  /** Deletions that are expected of one object each. */
  readonly uids: Set<string>;
  readonly since: Micros;
}

/** A cache that has not seen them within this time is taken to have missed them. Source: `pkg/controller/controller_utils.go`. */
const LIFETIME = minutes(5);

/**
 * What a controller has asked for and its cache has not shown yet: until then it must not count, or it would create or delete twice.
 * By the owner's key. Source: `pkg/controller/controller_utils.go`, ControllerExpectations and UIDTrackingControllerExpectations.
 */
export class ControllerExpectations {
  readonly #kernel: Kernel;
  readonly #byKey = new Map<string, Expected>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** True when all that was expected has been seen, when nothing was, or when it was too long ago. */
  satisfied(key: string): boolean {
    const expected = this.#byKey.get(key);
    if (!expected) return true;
    if (expected.creations <= 0 && expected.deletions <= 0 && expected.uids.size === 0) return true;
    return this.#kernel.now - expected.since > LIFETIME;
  }

  /** Replaces what was expected of this key. */
  expectCreations(key: string, count: number): void {
    this.#set(key, { creations: count });
  }

  /** Replaces what was expected of this key. */
  expectDeletions(key: string, count: number): void {
    this.#set(key, { deletions: count });
  }

  /** Like `expectDeletions`, but each object counts once however often its deletion is seen. */
  expectDeletionsOf(key: string, uids: readonly string[]): void {
    this.#set(key, { uids: new Set(uids) });
  }

  /** A creation was seen, or has failed. */
  creationObserved(key: string): void {
    const expected = this.#byKey.get(key);
    if (expected) expected.creations -= 1;
  }

  /** A deletion was seen (of the object with this uid), or has failed. */
  deletionObserved(key: string, uid?: string): void {
    const expected = this.#byKey.get(key);
    if (!expected) return;
    if (uid !== undefined && expected.uids.size > 0) expected.uids.delete(uid);
    else if (expected.uids.size === 0) expected.deletions -= 1;
  }

  /** Further creations and deletions beside those expected. */
  raise(key: string, creations: number, deletions: number): void {
    const expected = this.#byKey.get(key);
    if (!expected) return;
    expected.creations += creations;
    expected.deletions += deletions;
  }

  /** The owner is gone. */
  delete(key: string): void {
    this.#byKey.delete(key);
  }

  #set(key: string, part: Partial<Expected>): void {
    this.#byKey.set(key, { creations: 0, deletions: 0, uids: new Set(), since: this.#kernel.now, ...part });
  }
}
