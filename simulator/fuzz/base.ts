import { formatDuration } from '@slipway/kernel';
import type { Kind, KubeObject } from '@slipway/kube';
import type { LoadOptions } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioDocument, StepDocument } from '../scenario/schema.ts';

/** A story from which cases are drawn. */
export interface FuzzBase {
  /** As the user named it. */
  readonly file: string;
  /** Names no file but those of plugins: manifests and included scenarios are in it. */
  readonly document: ScenarioDocument;
  /** Kinds and objects that the cluster's plugins bring. */
  readonly kinds: readonly Kind[];
  readonly brought: readonly KubeObject[];
  /** Modules of own invariants, by the name that the document gives them. */
  readonly invariantModules?: LoadOptions['invariantModules'];
}

/** The whole of a loaded scenario as one document: what it includes and the manifests that it names are written out. */
export function wholeDocument(
  { name, seed, duration, cluster, explore, calm, steps, expectations }: Scenario,
  invariants: ScenarioDocument['spec']['invariants'],
): ScenarioDocument {
  // Loading puts empty parts in.
  const used = Object.fromEntries(
    Object.entries(cluster).filter(([, part]) => Array.isArray(part) || typeof part !== 'object' || Object.keys(part).length > 0),
  );
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name },
    spec: {
      seed,
      ...(calm
        ? { calm: { from: formatDuration(calm.from), within: formatDuration(calm.within), stays: formatDuration(calm.stays) } }
        : {}),
      ...(duration === undefined || calm ? {} : { duration: formatDuration(duration) }),
      ...(Object.keys(used).length > 0 ? { cluster: used } : {}),
      ...(explore === undefined ? {} : { explore }),
      ...(invariants === undefined ? {} : { invariants }),
      steps: steps.map(({ document, objects }): StepDocument => {
        if (document.apply === undefined) return document;
        return {
          ...document,
          apply: objects.map(({ object }) => object as unknown as Record<string, unknown> & { apiVersion: string; kind: string }),
        };
      }),
      ...(expectations.length > 0 ? { expect: expectations.map(({ document }) => document) } : {}),
    },
  };
}
