import type { Pod } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';
import type { SchedulerPlugin, Status } from '@slipway/simulator';

/** Pods say with this label whose they are. */
export const TENANT = 'my-name/tenant';

const success: Status = { code: 'Success', reasons: [] };

/** The first tenant among the pods that is not this pod's own; pods without the label are nobody's, and bother nobody. */
export function stranger(pod: Pod, others: readonly Pod[]): string | undefined {
  const own = pod.metadata.labels?.[TENANT];
  if (own === undefined) return undefined;
  return others.map(({ metadata }) => metadata.labels?.[TENANT]).find((tenant) => tenant !== undefined && tenant !== own);
}

/**
 * A rule of the scheduler: a node takes pods of one tenant only.
 *
 * A plugin is asked at the extension points that it has (Filter and Score here), in each pod's scheduling cycle. It sees a snapshot and
 * returns a value: no clock, no store, no waiting. Kubernetes, "Scheduling Framework".
 */
const oneTenant: SchedulerPlugin = {
  name: 'MyNameTenants',
  /** Called for each node that the plugins before have not ruled out. */
  filter(pod, { pods }) {
    const other = stranger(
      pod,
      pods.map((each) => each.pod),
    );
    // "node(s)" because the message counts the nodes that gave the same reason: 0/3 nodes are available: 3 node(s) …
    return other === undefined ? success : { code: 'Unschedulable', reasons: ['node(s) had pods of another tenant'] };
  },
  /** Called for each node that passed: 0 to 100. Fill up nodes that the tenant has already. */
  score(pod, { pods }) {
    const own = pod.metadata.labels?.[TENANT];
    return own !== undefined && pods.some((each) => each.pod.metadata.labels?.[TENANT] === own) ? 100 : 0;
  },
  // A pod that was refused here is worth another try only after one of these; without the list, after anything.
  eventsToRegister: [
    { resource: 'Pod', actionType: ['Delete'] },
    { resource: 'Node', actionType: ['Add'] },
  ],
};

export default definePlugin({
  interface: 'scheduler',
  name: 'my-name',
  description: 'The default scheduler, and nodes that take one tenant only',
  // Called once per cluster. With `profile` you choose the built-in plugins too, and their weights; left out, it is the default profile.
  create: () => ({ plugins: [oneTenant] }),
});
