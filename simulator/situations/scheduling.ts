import { findCondition, type Pod } from '@slipway/kube';
import type { CommittedWrite } from '../apiserver/index.ts';
import { isBinding } from '../invariants/facts/scheduled-pods.ts';
import type { Situation } from './situation.ts';

/** Why a pod is disrupted, if that has just been written. */
function newDisruption({ object, old }: CommittedWrite): string | undefined {
  const [now, before] = [object as Pod, old as Pod | undefined];
  if (now.status?.conditions === before?.status?.conditions) return undefined;
  const condition = findCondition(now.status?.conditions, 'DisruptionTarget');
  if (condition?.status !== 'True' || findCondition(before?.status?.conditions, 'DisruptionTarget')?.status === 'True') return undefined;
  return condition.reason;
}

const disrupted = (id: string, title: string, reason: string): Situation => ({
  id,
  title,
  watch: (_world, reached) => ({ resources: ['pods'], write: (write) => void (newDisruption(write) === reason && reached()) }),
});

const bindingRefused: Situation = {
  id: 'binding-refused',
  title: 'a binding was refused or failed',
  watch: (_world, reached) => ({ answered: { 'api.Server/Bind': ({ ok }) => !ok && reached() } }),
};

const boundAfterWaiting: Situation = {
  id: 'bound-after-waiting',
  title: 'a pod that fitted nowhere was bound later',
  watch: (_world, reached) => ({
    resources: ['pods'],
    write(write) {
      if (isBinding(write) && findCondition((write.old as Pod).status?.conditions, 'PodScheduled')?.status === 'False') reached();
    },
  }),
};

export const schedulingSituations: readonly Situation[] = [
  disrupted('pod-preempted', 'a pod was preempted', 'PreemptionByScheduler'),
  disrupted('pod-evicted-by-taint', 'a pod was evicted since it does not tolerate a taint', 'DeletionByTaintManager'),
  disrupted('pod-evicted-by-kubelet', 'a kubelet evicted a pod', 'TerminationByKubelet'),
  bindingRefused,
  boundAfterWaiting,
];
