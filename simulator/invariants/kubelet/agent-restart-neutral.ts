import { type Micros, seconds } from '@slipway/kernel';
import { type ContainerStatus, isPodReady, isSidecar, isTerminal, type Pod, type Stored } from '@slipway/kube';
import { containersOf, mayRun } from '../facts/runtime-objects.ts';
import type { Facts } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { wasLost } from './restart-count.ts';
import { nodeOf, podTitle } from '../titles.ts';

/** A kubelet that came up again has looked at its pods by then, and what it says later has other reasons. */
const FIRST_LOOK: Micros = seconds(30);
/** For so long before, nothing else may have gone wrong. */
const UNDISTURBED: Micros = seconds(60);

/**
 * Judged at each status and start of a kubelet: one instance of a container has one restart count; a pod that the kubelet itself ended is
 * not started; what runs is not started beside itself; and after a restart the pods that run undisturbed stay ready, if nothing probes them.
 */
export const agentRestartNeutral: Invariant = {
  id: 'KUB-12',
  name: 'agent-restart-neutral',
  kind: 'T',
  holds: 'restarting the node agent changes no readiness, no restart count, and starts no finished pod',
  watch: (world, { violated, met }, facts) => {
    const { runtime, staleness } = facts;
    /** Pods whose end their kubelet wrote. */
    const finished = new Set<string>();
    const restartedAt = new Map<string, Micros>();
    let otherFaultAt = Number.NEGATIVE_INFINITY;
    return {
      resources: ['pods'],
      trace({ kind, name, subject = '', data, at }) {
        if (kind !== 'fault' || data[0] === 'breach') return;
        if ((name === 'fault/down' || name === 'fault/up') && subject.startsWith('kubelet/')) restartedAt.set(nodeOf(subject), at);
        else otherFaultAt = at;
      },
      write({ type, object, old }, by) {
        const pod = object as Stored<Pod>;
        if (type === 'DELETED') finished.delete(pod.metadata.uid);
        if (type !== 'MODIFIED' || !by?.actor.startsWith('kubelet/')) return;
        if (isTerminal(pod)) finished.add(pod.metadata.uid);
        const before = old as Stored<Pod>;
        const restarted = restartedAt.get(nodeOf(by.actor));
        if (restarted !== undefined && world.kernel.now - restarted < FIRST_LOOK && isPodReady(before)) met();
        const statuses = pod.status?.containerStatuses;
        if (statuses && statuses !== before.status?.containerStatuses) {
          for (const status of statuses) {
            const same = before.status?.containerStatuses?.find(({ name }) => name === status.name);
            if (!same || !isSameInstance(status, same) || status.restartCount === same.restartCount || wasLost(status) || wasLost(same))
              continue;
            violated(
              `${by.actor} wrote that container ${status.name} of ${podTitle(pod)} was restarted ${status.restartCount} times, after ${same.restartCount} for the same instance`,
              podTitle(pod),
            );
          }
        }
        if (restarted === undefined || !isPodReady(before) || isPodReady(pod)) return;
        const { now } = world.kernel;
        const isUndisturbed = staleness.quietFor > 0 && otherFaultAt < restarted - UNDISTURBED && now - restarted < FIRST_LOOK;
        if (!isUndisturbed || pod.metadata.deletionTimestamp !== undefined || isTerminal(pod) || !runsUnprobed(facts, pod)) return;
        violated(
          `${by.actor} was restarted and took the readiness of ${podTitle(pod)}, whose containers run and are not probed`,
          podTitle(pod),
        );
      },
      called: {
        'cri.RuntimeService/StartContainer'(call) {
          const starting = runtime.container(call);
          if (!starting) return;
          const { sandbox, name } = starting;
          const title = `Pod ${sandbox.pod.namespace}/${sandbox.pod.name}`;
          if (finished.has(sandbox.pod.uid))
            violated(`${call.actor} starts container ${name} of ${title}, which has ended for good`, title);
          const last = sandbox.pod.lastStarted.get(name);
          if (!last || last === starting || last.sandbox !== sandbox) return;
          if (!mayRun(last) || last.stopAsked || !runtime.hasPower(sandbox)) return;
          violated(`${call.actor} starts container ${name} of ${title}, while the instance before runs`, title);
        },
      },
    };
  },
};

const isSameInstance = (a: ContainerStatus, b: ContainerStatus): boolean => a.containerID !== undefined && a.containerID === b.containerID;

/** All its containers, and side-cars with them, run by all that was said of them, in a sandbox that is ready; none has a probe, and nobody else has a say. */
function runsUnprobed({ runtime }: Facts, { metadata, spec }: Stored<Pod>): boolean {
  const lasting = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  if ((spec.readinessGates ?? []).length > 0 || lasting.some(({ readinessProbe, startupProbe }) => readinessProbe ?? startupProbe))
    return false;
  const sandboxes = [...(runtime.pod(metadata.uid)?.sandboxes ?? [])].filter(({ ready }) => ready);
  const [sandbox] = sandboxes;
  if (!sandbox || sandboxes.length > 1 || !runtime.hasPower(sandbox)) return false;
  const running = new Set([...containersOf(sandbox)].filter((each) => mayRun(each) && !each.stopAsked).map(({ name }) => name));
  return lasting.every(({ name }) => running.has(name));
}
