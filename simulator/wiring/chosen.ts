import type { Plugin } from '@slipway/plugin';
import type { ControlPlanePlugins } from './replaced-parts.ts';

/** A plugin with the options that it is used with. */
export interface Chosen<P> {
  readonly plugin: P;
  readonly options: unknown;
}

/** What a node is made of. */
export interface NodePlugins {
  readonly oci: Chosen<Plugin<'oci'>>;
  readonly cni: Chosen<Plugin<'cni'>>;
  readonly cri: Chosen<Plugin<'cri'>>;
}

/** What a cluster is made of. */
export interface ClusterPlugins extends NodePlugins {
  /** Storage drivers; the first is the default one. */
  readonly csi: readonly Chosen<Plugin<'csi'>>[];
  readonly cpi: Chosen<Plugin<'cpi'>>;
  readonly smi: Chosen<Plugin<'smi'>>;
  readonly cloud: Chosen<Plugin<'cloud'>>;
  /** Parts of the control plane that are not the built-in ones. */
  readonly controlPlane?: ControlPlanePlugins;
}
