import { type CustomResourceDefinition, customKinds, type Kind } from '@slipway/kube';
import { builtIn, DEFAULTS, INTERFACES } from './catalog.ts';
import type { PluginChoice, PluginChoices } from './container.ts';

/** Kinds that exist in a cluster of these plugins, because one of them brings their definition, or can. @throws PluginError */
export function kindsOf(choices: PluginChoices): readonly Kind[] {
  const { scheduler, kubelet, controllers = {} } = choices.controlPlane ?? {};
  const parts = [...(scheduler ? [scheduler] : []), ...(kubelet ? [kubelet] : []), ...Object.values(controllers)].flatMap(({ use }) =>
    typeof use === 'object' ? [use] : [],
  );
  const plugins = INTERFACES.flatMap((kind) => {
    const given = choices[kind] ?? {};
    const chosen: readonly PluginChoice[] = Array.isArray(given) ? (given as readonly PluginChoice[]) : [given as PluginChoice];
    return chosen.map(({ use = DEFAULTS[kind][0] ?? '' }) => (typeof use === 'string' ? builtIn(kind, use) : use));
  });
  return [...plugins, ...parts].flatMap(({ manifests = [], definitions = [] }) =>
    [...manifests, ...definitions].flatMap((object) =>
      object.kind === 'CustomResourceDefinition' ? customKinds(object as unknown as CustomResourceDefinition) : [],
    ),
  );
}
