import type { Container } from '@slipway/kube';

/**
 * Tells whether a running container still is what the spec asks for. Only name and image count, so that nothing else restarts a
 * container. Source: `pkg/kubelet/container/helpers.go` HashContainer (FNV-1a, 32 bits, hexadecimal).
 */
export function containerHash(container: Container): string {
  const text = `${container.name}\u0000${container.image ?? ''}`;
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16);
}
