import type { KubeObject } from '@slipway/kube';

/** `Pod default/web-1`, `Node node-1`. */
export function titleOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

/** `Pod default/web-1`. */
export const podTitle = ({ metadata }: Pick<KubeObject, 'metadata'>): string => `Pod ${metadata.namespace}/${metadata.name}`;

/** The node that an actor runs on: `node-1` for `my-network/node-1`; empty for the control plane. */
export function nodeOf(actor: string): string {
  const slash = actor.indexOf('/');
  return slash < 0 ? '' : actor.slice(slash + 1);
}
