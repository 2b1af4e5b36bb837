import { aws as awsCloud } from '@slipway/cloud/mocks';
import { bridge, flannel } from '@slipway/cni/mocks';
import { aws, kind, none as noCloudProvider } from '@slipway/cpi/mocks';
import { containerd, crio } from '@slipway/cri/mocks';
import { ebs, efs } from '@slipway/csi/mocks';
import { crun, runc } from '@slipway/oci/mocks';
import { suggestion } from '@slipway/kube/schema';
import type { Plugin } from '@slipway/plugin';
import { linkerd, none as noMesh } from '@slipway/smi/mocks';
import type {} from '../kubelet/plugin.ts';
import type {} from '../scheduler/plugin.ts';
import { PluginError } from './plugin-error.ts';

/** A plugin whose types of interface and options are known to itself only. */
export type AnyPlugin = Plugin<'oci'> | Plugin<'cri'> | Plugin<'cni'> | Plugin<'csi'> | Plugin<'cpi'> | Plugin<'smi'> | Plugin<'cloud'>;

/** Plugins that replace parts of the control plane. They have no built-in implementations to choose from by name. */
export type ControlPlanePlugin = Plugin<'scheduler'> | Plugin<'kubelet'> | Plugin<'controller'>;
export const CONTROL_PLANE_INTERFACES = ['scheduler', 'kubelet', 'controller'] as const;
export type ControlPlaneInterface = (typeof CONTROL_PLANE_INTERFACES)[number];

/** Interfaces that have plugins: those of a node, lowest first, then those of the cluster, and the cloud that it stands in. */
export const INTERFACES = ['oci', 'cni', 'cri', 'csi', 'cpi', 'smi', 'cloud'] as const;
export type PluggableInterface = (typeof INTERFACES)[number];

/** What is taken when nobody says anything. A cluster may have several storage drivers. */
export const DEFAULTS: Readonly<Record<PluggableInterface, readonly string[]>> = {
  oci: ['runc'],
  cni: ['flannel'],
  cri: ['containerd'],
  csi: ['ebs', 'efs'],
  cpi: ['aws'],
  smi: ['none'],
  cloud: ['aws'],
};

const BUILT_IN = [
  runc,
  crun,
  flannel,
  bridge,
  containerd,
  crio,
  ebs,
  efs,
  aws,
  kind,
  noCloudProvider,
  noMesh,
  linkerd,
  awsCloud,
] as unknown as readonly AnyPlugin[];

/** The plugins that come with Slipway, by interface and then name. */
export function builtInPlugins(): readonly AnyPlugin[] {
  return BUILT_IN;
}

/** @throws PluginError with the names that there are. */
export function builtIn<I extends PluggableInterface>(kind: I, name: string): Plugin<I> {
  const found = BUILT_IN.find((plugin) => plugin.interface === kind && plugin.name === name);
  if (found) return found as unknown as Plugin<I>;
  const names = BUILT_IN.filter((plugin) => plugin.interface === kind).map((plugin) => plugin.name);
  const near = suggestion(name, names);
  throw new PluginError(
    `there is no ${kind} plugin "${name}"`,
    `${near === undefined ? '' : `did you mean "${near}"? `}built in are ${names.join(', ')}; a plugin of your own is named by its path, for example ./my-${kind}.ts`,
  );
}
