import type { Implementation } from '@slipway/kernel';
import type { Mesh } from './contract.ts';

/** What `create` of a mesh returns. */
export type MeshServices = Implementation<Mesh> & {
  /** There is no mesh: whoever would ask one for each pod and each request need not make the call. */
  readonly absent?: true;
};

declare module '@slipway/plugin' {
  interface Plugins {
    /** A service mesh, made once per cluster; its CRDs are its `manifests`, its control plane its `agent`. */
    smi: { services: MeshServices; context: object };
  }
}
