import { type Node, type Pod, taintKeys, tolerates } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

/**
 * A pod that was created with a node's name passed the scheduler by. A node never becomes uninitialised again, but one that comes anew
 * under a name may be taken for the one before.
 */
export const initGate: Invariant = {
  id: 'CPI-01',
  name: 'init-gate',
  kind: 'S',
  holds: 'ordinary pods wait for the provider to initialise the node (address, id, zone)',
  watch: ({ server }, { violated, met }) => {
    /** Names of which an initialised node has been seen. */
    const initialised = new Set<string>();
    return {
      resources: ['pods', 'nodes'],
      write({ resource, type, object, old }) {
        if (resource === 'nodes') {
          if (!waits(object as Node)) initialised.add(object.metadata.name);
          return;
        }
        const pod = object as Pod;
        const { nodeName } = pod.spec;
        if (type !== 'MODIFIED' || nodeName === undefined || (old as Pod | undefined)?.spec.nodeName !== undefined) return;
        const node = server.peek('nodes', undefined, nodeName) as Node | undefined;
        const taint = node?.spec?.taints?.find(({ key }) => key === taintKeys.cloudUninitialized);
        if (node) met();
        if (!taint || initialised.has(nodeName) || tolerates(pod, taint)) return;
        violated(
          `${podTitle(pod)} was bound to ${nodeName}, which its cloud provider has not initialised`,
          podTitle(pod),
          `Node ${nodeName}`,
        );
      },
    };
  },
};

const waits = ({ spec }: Node): boolean => spec?.taints?.some(({ key }) => key === taintKeys.cloudUninitialized) ?? false;
