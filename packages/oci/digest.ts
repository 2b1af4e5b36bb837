import { sha256 } from '@noble/hashes/sha2.js';
import type { Digest } from './image/contract.ts';

// Part of every browser and of Node, though not of the language's own library.
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new () => { decode(content: Uint8Array): string };

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The digest of content. Image-spec 1.1.1, "Digests": SHA-256 of the raw bytes. */
export function digestOf(content: Uint8Array): Digest {
  let hex = '';
  for (const byte of sha256(content)) hex += HEX[byte];
  return `sha256:${hex}`;
}

/** UTF-8 bytes of text. */
export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Text of UTF-8 bytes. */
export const decode = (content: Uint8Array): string => new TextDecoder().decode(content);

/** The bytes of a document, in the order in which its fields were written. */
export const encodeJson = (document: unknown): Uint8Array => encode(JSON.stringify(document));

/**
 * True when content is what the digest says. Algorithms other than sha256 are unknown here and never hold.
 */
export const verifies = (digest: Digest, content: Uint8Array): boolean => digestOf(content) === digest;

/**
 * Names a stack of layers: the first layer's DiffID, then the digest of what is below, a space and the next DiffID.
 * Image-spec 1.1.1, "Layer ChainID".
 */
export function chainIdOf(diffIds: readonly Digest[]): Digest | undefined {
  return diffIds.reduce<Digest | undefined>(
    (below, diffId) => (below === undefined ? diffId : digestOf(encode(`${below} ${diffId}`))),
    undefined,
  );
}
