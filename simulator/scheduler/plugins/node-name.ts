import { success, unschedulableAndUnresolvable } from '../framework/status.ts';
import type { FilterPlugin } from '../framework/types.ts';

const refusal = unschedulableAndUnresolvable("node(s) didn't match the requested node name");

/** A pod that names its node gets no other. Source: `plugins/nodename/node_name.go`. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  filter(pod, { node }) {
    const wanted = pod.spec.nodeName;
    return wanted === undefined || wanted === '' || wanted === node.metadata.name ? success : refusal;
  },
  eventsToRegister: [{ resource: 'Node', actionType: ['Add'] }],
};
