import type { ImageConfigExecution } from '../../image/contract.ts';

/** A layer by what it holds, and its compressed size in life. Layers of one name are one layer, whichever image has them. */
export type LayerRecipe = readonly [name: string, bytes: number];

/** How to make an image that people know: what it runs, and what it weighs. Facts are of linux/amd64, sizes approximate. */
export interface ImageRecipe {
  /** With registry: `docker.io/library/nginx`. */
  readonly name: string;
  /** Tags that a registry lists; `unknown: 'refuse'` serves no others. */
  readonly tags: readonly string[];
  /** Base first; shared with other images of the catalogue. */
  readonly base: readonly LayerRecipe[];
  /** Compressed bytes of the layers of its own, different for each tag. */
  readonly own: readonly number[];
  readonly config: ImageConfigExecution;
  /** What is different when the tag has this word, as `alpine` in `1.25-alpine`; the first that fits counts. */
  readonly variants?: Readonly<Record<string, Partial<Pick<ImageRecipe, 'base' | 'own' | 'config'>>>>;
}

export const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export const MB = 1_000_000;

/** Bases that many images share. */
export const bases = {
  scratch: [],
  alpine: [['alpine', 3.64 * MB]],
  debian: [['debian-bookworm-slim', 28.23 * MB]],
  ubuntu: [['ubuntu-jammy', 29.54 * MB]],
  distroless: [['distroless-static-debian12', 0.85 * MB]],
  distrolessBase: [
    ['distroless-static-debian12', 0.85 * MB],
    ['distroless-base-debian12', 9.5 * MB],
  ],
  oracle: [['oraclelinux-9-slim', 46.6 * MB]],
} as const satisfies Readonly<Record<string, readonly LayerRecipe[]>>;

/** `ports('80/tcp')` as an image config has it. */
export const ports = (...names: readonly string[]): Readonly<Record<string, Readonly<Record<string, never>>>> =>
  Object.fromEntries(names.map((name) => [name, {}]));
