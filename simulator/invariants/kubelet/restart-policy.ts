import { type Container, isEqual, type Pod } from '@slipway/kube';
import type { ObservedContainer } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { type ContainerOfPod, containerOf, storedPod } from './stored-pod.ts';

/** Judged at each start against the instance that was started before. Void when the container's image or resources have changed since. */
export const restartPolicy: Invariant = {
  id: 'KUB-06',
  name: 'restart-policy',
  kind: 'S',
  holds: 'a container is started again only as its restart policy says (Never: one start)',
  watch: (world, { violated, met }, { runtime }) => ({
    called: {
      'cri.RuntimeService/StartContainer'(call) {
        const starting = runtime.container(call);
        const last = starting?.sandbox.pod.lastStarted.get(starting.name);
        if (!starting || !last || last === starting) return;
        const pod = storedPod(world, starting.sandbox.pod);
        const found = pod && containerOf(pod, starting.name);
        if (!pod || !found || hasChanged(starting, last)) return;
        met();
        const wrong = whyNot(found, pod, starting, last);
        if (wrong === undefined) return;
        const title = `Pod ${starting.sandbox.pod.namespace}/${starting.sandbox.pod.name}`;
        violated(`${call.actor} starts container ${starting.name} of ${title} again, ${wrong}`, title);
      },
    },
  }),
};

function whyNot({ container, sort }: ContainerOfPod, pod: Pod, starting: ObservedContainer, last: ObservedContainer): string | undefined {
  if (sort === 'sidecar') return undefined;
  if (sort === 'ephemeral') return 'which no ephemeral container is';
  // A new sandbox runs the init containers once more.
  if (sort === 'init' && last.sandbox !== starting.sandbox) return undefined;
  const { exitCode } = last;
  // The policy of a plain init container that succeeded is to let it be.
  if (sort === 'init' && exitCode === 0) return 'though it has succeeded';
  if (anyRuleRestartsAll(pod)) return undefined;
  const policy = container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
  if (policy === 'Always' || allowedByRule(container, exitCode)) return undefined;
  if (policy === 'Never') return 'though its restart policy is Never';
  // What was told to stop is replaced whatever code it ends with.
  return exitCode === 0 && !last.stopAsked ? 'though it has succeeded and its restart policy is OnFailure' : undefined;
}

/** KEP-5307: exit codes may ask for a restart whatever the policy. An exit code that nobody has seen may be any. */
function allowedByRule({ restartPolicyRules = [] }: Container, exitCode: number | undefined): boolean {
  return restartPolicyRules.some(
    ({ exitCodes }) =>
      exitCodes !== undefined && (exitCode === undefined || (exitCodes.values ?? []).includes(exitCode) === (exitCodes.operator === 'In')),
  );
}

/** KEP-5532: one container's exit may start all of them again. */
const anyRuleRestartsAll = ({ spec }: Pod): boolean =>
  [...spec.containers, ...(spec.initContainers ?? [])].some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action !== 'Restart'),
  );

/** Whether image or resources are known to be others: what is not stated proves nothing. */
function hasChanged(now: ObservedContainer, before: ObservedContainer): boolean {
  if (now.image !== undefined && before.image !== undefined && now.image !== before.image) return true;
  return now.resources !== undefined && before.resources !== undefined && !isEqual(now.resources, before.resources);
}
