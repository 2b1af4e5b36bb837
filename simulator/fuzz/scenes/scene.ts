import type { Random } from '@slipway/kernel';
import type { NodesDocument, StepDocument } from '../../scenario/schema.ts';

/** An object as a manifest has it. */
export type Manifest = Record<string, unknown> & { readonly apiVersion: string; readonly kind: string };

/** What a scene finds when it is drawn. */
export interface Setting {
  readonly random: Random;
  /** Machines that the story has from its start. */
  readonly nodes: readonly string[];
  /** Names of the plugins, by interface; an interface that is left out has the usual one, or one of the user's. */
  readonly plugins: PluginNames;
}

export interface PluginNames {
  readonly smi?: string;
  readonly cpi?: string;
  readonly csi?: readonly string[];
}

/** What a scene adds to a story. */
export interface Part {
  /** Applied at the start. */
  readonly objects?: readonly Manifest[];
  /** In any order of time. */
  readonly steps?: readonly StepDocument[];
  /** Machines of its own. */
  readonly machines?: readonly NodesDocument[];
  /** What each of the other machines has. */
  readonly capacity?: NodesDocument['capacity'];
  /** The narrowest ranges in which its pods still find addresses. */
  readonly nodeCIDRMaskSize?: number;
}

/** Something that people do with a cluster. Where nothing goes wrong, it comes to rest by itself. */
export interface Scene {
  readonly name: string;
  /** Whether it can be played with these plugins. Left out: with any. */
  fits?(plugins: PluginNames): boolean;
  draw(setting: Setting): Part;
}

/** A time as scenarios write it. */
export const second = (count: number): string => `${count}s`;
