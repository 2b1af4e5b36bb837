import type { KubeObject } from '@slipway/kube';

/** `Pod default/web-1`. */
export const podTitle = ({ metadata }: Pick<KubeObject, 'metadata'>): string => `Pod ${metadata.namespace}/${metadata.name}`;
