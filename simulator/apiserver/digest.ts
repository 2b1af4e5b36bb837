import type { KubeObject } from '@slipway/kube';

/**
 * A hash of an object's content, whatever the order of its fields, the same on every machine. Parts are remembered by reference, so a
 * write that shares most of its object with the old one pays for the new parts only.
 */
export class Digester {
  readonly #objects = new WeakMap<object, number>();
  readonly #words = new Map<string, number>();
  /** Fields and items hashed so far. */
  #steps = 0;

  /** An unsigned 32-bit number. */
  of(value: unknown): number {
    return this.#hash(value, 0) >>> 0;
  }

  /** Of a stored object. Its metadata is new with each write, so remembering that part would only fill memory. */
  ofObject(object: KubeObject): number {
    const fields = object as unknown as Readonly<Record<string, unknown>>;
    let rest = START;
    for (const name in fields) if (name !== 'metadata') rest = (rest + this.#field(name, fields[name], 0)) | 0;
    return spread(spread(rest) + Math.imul(this.#hashObject(object.metadata, 0), 31)) >>> 0;
  }

  #hash(value: unknown, depth: number): number {
    switch (typeof value) {
      case 'string':
        return hashString(value);
      case 'number':
        return spread(Math.imul(value | 0, 0x27d4eb2f) ^ (value - (value | 0) === 0 ? 3 : hashString(String(value))));
      case 'boolean':
        return value ? 0x3c6ef372 : 0x1f83d9ab;
      case 'object':
        if (value === null) return 0x5be0cd19;
        return this.#hashObject(value, depth);
      default:
        return 0;
    }
  }

  #hashObject(value: object, depth: number): number {
    // Near the leaves a lookup costs more than hashing anew.
    const worthKeeping = depth > 0 && depth < 5;
    if (worthKeeping) {
      const known = this.#objects.get(value);
      if (known !== undefined) return known;
    }
    let hash = START;
    const before = this.#steps;
    if (Array.isArray(value)) {
      for (const item of value as readonly unknown[]) {
        this.#steps += 1;
        hash = spread(Math.imul(hash, 31) + this.#hash(item, depth + 1));
      }
    } else {
      const fields = value as Readonly<Record<string, unknown>>;
      // A sum does not depend on the order of its terms.
      for (const name in fields) hash = (hash + this.#field(name, fields[name], depth)) | 0;
    }
    hash = spread(hash);
    if (worthKeeping && this.#steps - before >= WORTH_KEEPING) this.#objects.set(value, hash);
    return hash;
  }

  #field(name: string, part: unknown, depth: number): number {
    if (part === undefined) return 0;
    this.#steps += 1;
    return spread(this.#word(name) ^ Math.imul(this.#hash(part, depth + 1), 0x85ebca6b));
  }

  /** Names of fields are few and come again and again; keys of maps with many keys are not worth keeping. */
  #word(text: string): number {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const hash = hashString(text);
    if (this.#words.size < 4096) this.#words.set(text, hash);
    return hash;
  }
}

const START = 0x6a09e667;
/** Fields from which on remembering a part costs less than hashing it anew. */
const WORTH_KEEPING = 8;

function hashString(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash | 0;
}

/** Spreads over all bits (the finaliser of MurmurHash3). */
function spread(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
