import type { KubeObject, LabelSelector } from '@slipway/kube';

/** SMI access v1alpha4 (working draft), "IdentityBinding": which identities a workload of its namespace has. One scheme that fits is enough. */
export interface IdentityBinding extends KubeObject {
  readonly apiVersion: 'access.smi-spec.io/v1alpha4';
  readonly kind: 'IdentityBinding';
  readonly spec: {
    readonly schemes: {
      /** Excludes `serviceAccount`. */
      readonly podLabelSelector?: LabelSelector;
      /** With or without `spiffe://`. */
      readonly spiffeIdentities?: readonly string[];
      /** Of the binding's own namespace. Excludes `podLabelSelector`. */
      readonly serviceAccount?: string;
    };
  };
}
