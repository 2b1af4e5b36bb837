import { digestOf, encode, encodeJson } from '../../digest.ts';
import {
  type Descriptor,
  type Digest,
  type ImageConfig,
  type Index,
  type Manifest,
  mediaTypes,
  type Platform,
  SIMULATED_SIZE,
} from '../../image/contract.ts';
import type { ImageRecipe, LayerRecipe } from './recipe.ts';
import { LONGEST_PATH, tarOf } from './tar.ts';

/** A document or layer and its name. */
export interface Content {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** An image with everything that a registry must hold for it. */
export interface BuiltImage {
  readonly index: Content;
  readonly manifests: readonly Content[];
  readonly blobs: readonly Content[];
}

/** Images are built for these; a node of another kind finds no match. */
export const platforms: readonly Platform[] = [
  { architecture: 'amd64', os: 'linux' },
  { architecture: 'arm64', os: 'linux', variant: 'v8' },
];

const CREATED = '2026-01-01T00:00:00Z';

/** Makes the image of a recipe for one tag. The same recipe and tag give the same bytes, and so the same digests, in every world. */
export function buildImage(recipe: ImageRecipe, tag: string): BuiltImage {
  const words = tag.split('-');
  const variant = Object.entries(recipe.variants ?? {}).find(([word]) => words.some((part) => part.startsWith(word)))?.[1];
  const layers: readonly LayerRecipe[] = [
    ...(variant?.base ?? recipe.base),
    ...(variant?.own ?? recipe.own).map((bytes, at): LayerRecipe => [`${recipe.name}:${tag} ${at + 1}`, bytes]),
  ];
  const blobs: Content[] = [];
  const manifests: Content[] = [];
  const listed: Descriptor[] = [];
  for (const platform of platforms) {
    const tars = layers.map(([name]) => layerOf(name, platform));
    const config: ImageConfig = {
      created: CREATED,
      ...platform,
      config: variant?.config ?? recipe.config,
      rootfs: { type: 'layers', diff_ids: tars.map(({ digest }) => digest) },
      history: layers.map(([name]) => ({ created_by: name })),
    };
    const configContent = contentOf(mediaTypes.imageConfig, config);
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.imageManifest,
      config: describe(configContent),
      layers: tars.map((tar, at) => ({ ...describe(tar), annotations: { [SIMULATED_SIZE]: String(Math.round(layers[at]?.[1] ?? 0)) } })),
    };
    const manifestContent = contentOf(mediaTypes.imageManifest, manifest);
    blobs.push(configContent, ...tars);
    manifests.push(manifestContent);
    listed.push({ ...describe(manifestContent), platform });
  }
  const index: Index = { schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests: listed };
  return { index: contentOf(mediaTypes.imageIndex, index), manifests, blobs };
}

/** A document's bytes under their digest. */
export function contentOf(mediaType: string, document: unknown): Content {
  const content = encodeJson(document);
  return { digest: digestOf(content), mediaType, content };
}

/** What another document says to name this content. */
export const describe = ({ mediaType, digest, content }: Content): Descriptor => ({ mediaType, digest, size: content.length });

/** Uncompressed, so that the layer's digest is its DiffID too. */
function layerOf(name: string, { os, architecture }: Platform): Content {
  const path = `.slipway/${os}-${architecture}/${name}`;
  const content = tarOf(path.length <= LONGEST_PATH ? path : digestOf(encode(path)));
  return { digest: digestOf(content), mediaType: mediaTypes.layer, content };
}
