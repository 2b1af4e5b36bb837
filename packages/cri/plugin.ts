import type { Cell, Client, Implementation } from '@slipway/kernel';
import type { Cni } from '@slipway/cni';
import type { OciDistribution, OciRuntime } from '@slipway/oci';
import type { ImageService, RuntimeService } from './contract.ts';

/** What `create` of a CRI plugin returns, once per node. */
export interface CriServices {
  readonly runtime: Implementation<RuntimeService>;
  readonly image: Implementation<ImageService>;
  /**
   * Set whenever what `listPodSandbox` and `listContainers` show has changed, also when a process ends by itself. A kubelet that has it
   * leaves out relists that would show nothing new; without it, it lists every time.
   */
  readonly changed?: Cell<number>;
}

/** What a CRI plugin finds in its context beside what all plugins find there. */
export interface CriContext {
  /** The node's network plugins as one: each call goes to the one that `config.type` names. */
  readonly cni: Client<Cni>;
  readonly oci: {
    /** The node's low-level runtime. */
    readonly runtime: Client<OciRuntime>;
    /** All registries; `ns` tells them apart. */
    readonly registry: Client<OciDistribution>;
  };
}

declare module '@slipway/plugin' {
  interface Plugins {
    cri: { services: CriServices; context: CriContext };
  }
}
