import type { Implementation } from '@slipway/kernel';
import type { Cni } from './contract.ts';

declare module '@slipway/plugin' {
  interface Plugins {
    /** A network plugin, made once per node: `create` returns an object with `add` and `del`, and what else of `Cni` it has. */
    readonly cni: { services: Implementation<Cni>; context: object };
  }
}
