import type { Client } from '@slipway/kernel';
import { digestOf, encode, encodeJson } from '../digest.ts';
import type { OciDistribution } from '../distribution/contract.ts';
import { type Descriptor, type Digest, type Manifest, mediaTypes } from '../image/contract.ts';
import type { OciSubject } from './subject.ts';

export const REPOSITORY = 'slipway/conformance';
export const OTHER_REPOSITORY = 'slipway/conformance-mount';
/** A digest that nothing has. */
export const NOWHERE: Digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

export type Settle = OciSubject['settle'];

export interface Blob {
  readonly content: Uint8Array;
  readonly digest: Digest;
}

export function blobOf(text: string): Blob {
  const content = encode(text);
  return { content, digest: digestOf(content) };
}

export const config = blobOf('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}');
export const layer = blobOf('what a layer holds');

const describe = ({ content, digest }: Blob, mediaType: string): Descriptor => ({ mediaType, digest, size: content.length });

export const configDescriptor = describe(config, mediaTypes.imageConfig);
export const layerDescriptor = describe(layer, mediaTypes.layer);

/** A manifest of the two blobs, as bytes. */
export function manifestOf(more: Partial<Manifest> = {}): Blob {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.imageManifest,
    config: configDescriptor,
    layers: [layerDescriptor],
    ...more,
  };
  const content = encodeJson(manifest);
  return { content, digest: digestOf(content) };
}

export async function pushBlob(registry: Client<OciDistribution>, settle: Settle, blob: Blob, name = REPOSITORY): Promise<void> {
  const { location } = await settle(registry.startUpload({ name }));
  await settle(registry.completeUpload({ location, digest: blob.digest, content: blob.content }));
}

/** Pushes both blobs and a manifest under a tag. */
export async function pushImage(registry: Client<OciDistribution>, settle: Settle, tag: string, manifest = manifestOf()): Promise<Blob> {
  await pushBlob(registry, settle, config);
  await pushBlob(registry, settle, layer);
  await settle(registry.putManifest({ name: REPOSITORY, reference: tag, mediaType: mediaTypes.imageManifest, content: manifest.content }));
  return manifest;
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);
