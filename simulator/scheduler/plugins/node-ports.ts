import { type HostPort, hostPorts, hostPortsCollide } from '@slipway/kube';
import { asPod, isUnplaced } from '../framework/hints.ts';
import { skip, success, unschedulable } from '../framework/status.ts';
import type { FilterPlugin, PreFilterPlugin } from '../framework/types.ts';

const refusal = unschedulable("node(s) didn't have free ports for the requested pod ports");

/** True when none of the wanted ports collides with a used one. */
const portsFit = (wanted: readonly HostPort[], used: readonly HostPort[]): boolean =>
  !wanted.some((port) => used.some((other) => hostPortsCollide(port, other)));

/** A port of the node belongs to one pod at a time. Source: `plugins/nodeports/node_ports.go`. */
export const nodePorts: PreFilterPlugin & FilterPlugin = {
  name: 'NodePorts',
  preFilter: (_pod, _nodes, state) => (state.podInfo.hostPorts.length === 0 ? skip : success),
  filter: (_pod, { usedPorts }, state) => (portsFit(state.podInfo.hostPorts, usedPorts) ? success : refusal),
  eventsToRegister: [
    {
      resource: 'Pod',
      actionType: ['Delete'],
      hint(pod, before) {
        const deleted = asPod(before);
        return deleted && !isUnplaced(deleted) && !portsFit(hostPorts(pod), hostPorts(deleted)) ? 'Queue' : 'QueueSkip';
      },
    },
    { resource: 'Node', actionType: ['Add'] },
  ],
};
