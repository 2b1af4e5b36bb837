import { type ControllerContext, type ControllerDefinition, defineController } from '@slipway/client';
import { codeOf, type Process } from '@slipway/kernel';
import type { ConfigMap, Stored } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';

export const OWN = 'example.com/labeller';

/** An operator: it marks each ConfigMap that wants it, and holds it with a finalizer until it has undone what it did. */
export class Labeller {
  get definition(): ControllerDefinition {
    return defineController({ name: 'labeller', watches: ['configmaps'], reconcile: (key, context) => this.reconcile(key, context) });
  }

  *reconcile(key: string, { api, informers }: ControllerContext): Process {
    const map = informers.get('configmaps').get(key);
    if (!map || map.metadata.labels?.['example.com/wanted'] !== 'yes') return;
    const { finalizers = [], deletionTimestamp } = map.metadata;
    const isHeld = finalizers.includes(OWN);
    try {
      if (deletionTimestamp === undefined && !isHeld) yield* api.configmaps.update(this.with(map, this.added(finalizers)));
      if (deletionTimestamp !== undefined && isHeld) yield* api.configmaps.update(this.with(map, this.without(finalizers)));
    } catch (error) {
      if (codeOf(error) !== 'NotFound') throw error;
    }
  }

  with(map: Stored<ConfigMap>, finalizers: readonly string[]): Stored<ConfigMap> {
    return { ...map, metadata: { ...map.metadata, finalizers: [...finalizers] } };
  }

  added(finalizers: readonly string[]): readonly string[] {
    return [...finalizers, OWN];
  }

  without(finalizers: readonly string[]): readonly string[] {
    return finalizers.filter((finalizer) => finalizer !== OWN);
  }
}

export default definePlugin({ interface: 'controller', name: 'labeller', create: () => new Labeller().definition });
