import type { Plugin } from '@slipway/plugin';
import type { MeshSubject } from '@slipway/smi/conformance';
import { MeshWorld } from '@slipway/smi/testing';
import type { Watched } from './breaches.ts';

export interface MeshSubjectOptions extends Pick<MeshSubject, 'can' | 'balance' | 'optIn'> {
  /** The plugin's options, before its schema. */
  readonly options?: unknown;
}

/** A mesh and its control plane, with objects to read and no pods but those that are asked about. */
export interface StubMeshSubject extends MeshSubject, Watched {
  readonly breaches: readonly string[];
  /** Every watch ends, as at a restart of the API server; it can be opened anew. */
  cutWatches(): void;
}

/** Puts a mesh into a world with a small API server, for `meshCases` and `meshCommands`. */
export function meshSubject<O>(plugin: Plugin<'smi', O>, { options = {}, ...more }: MeshSubjectOptions = {}): StubMeshSubject {
  const world = new MeshWorld(plugin as unknown as Plugin<'smi', never>, options);
  return {
    ...world.subject(more),
    ...(more.optIn ? { optIn: more.optIn } : {}),
    breaches: world.breaches,
    cutWatches() {
      for (const link of world.kernel.links) link.cutStreams();
    },
  };
}
