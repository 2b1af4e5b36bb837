import type { TCPRoute, UDPRoute } from '../types/index.ts';

/** Whether the route describes traffic to this port: one that is listed, or any when none is. SMI specs, "TCPRoute", "UDPRoute". */
export function matchesPort(port: number, { spec }: TCPRoute | UDPRoute): boolean {
  const ports = spec?.matches?.ports ?? [];
  return ports.length === 0 || ports.includes(port);
}
