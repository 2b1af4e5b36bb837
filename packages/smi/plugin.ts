import type { Implementation } from '@slipway/kernel';
import type { Mesh } from './contract.ts';

declare module '@slipway/plugin' {
  interface Plugins {
    /** A service mesh, made once per cluster; its CRDs are its `manifests`, its control plane its `agent`. */
    smi: { services: Implementation<Mesh>; context: object };
  }
}
