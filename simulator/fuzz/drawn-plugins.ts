import type { Random } from '@slipway/kernel';
import type { ClusterDocument, PluginDocument } from '../scenario/schema.ts';
import type { PluginNames } from './scenes/index.ts';

export type PluginsDocument = NonNullable<ClusterDocument['plugins']>;

const POLICIES = ['all-unauthenticated', 'all-authenticated', 'deny'] as const;

/**
 * Built-in plugins for a cluster: those that the user has set, and drawn ones beside them. What is left out is the usual one.
 *
 * @param knowsMesh whether the kinds of a mesh can be applied
 */
export function drawPlugins(random: Random, given: PluginsDocument, knowsMesh: boolean): PluginsDocument {
  const cri = random.pick([undefined, 'containerd', 'crio']);
  const cni = random.pick([undefined, 'flannel', 'bridge']);
  const csi = random.pick([undefined, undefined, ['ebs'], ['efs']]);
  const cpi = random.pick([undefined, undefined, undefined, 'aws', 'kind', 'none']);
  const hasMesh = random.chance(1, 4) && knowsMesh;
  const smi = { use: 'linkerd', with: { defaultInboundPolicy: random.pick(POLICIES) } };
  return {
    ...(cri === undefined ? {} : { cri }),
    ...(cni === undefined ? {} : { cni }),
    ...(csi === undefined ? {} : { csi }),
    ...(cpi === undefined ? {} : { cpi }),
    ...(hasMesh ? { smi } : {}),
    ...given,
  };
}

/** What scenes have to know of a cluster's plugins. */
export function namesOf({ smi, cpi, csi }: PluginsDocument): PluginNames {
  return {
    ...(smi === undefined ? {} : { smi: nameOf(smi) ?? 'none' }),
    ...(cpi === undefined ? {} : { cpi: nameOf(cpi) ?? 'aws' }),
    ...(csi === undefined ? {} : { csi: [csi].flat().map((one) => nameOf(one) ?? 'ebs') }),
  };
}

const nameOf = (plugin: PluginDocument): string | undefined => (typeof plugin === 'string' ? plugin : plugin.use);
