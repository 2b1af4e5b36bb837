import type { DeleteOptions } from '@slipway/client';
import type { TraceRecord } from '@slipway/kernel';
import type { Pod, Stored } from '@slipway/kube';
import { containersOf, mayRun } from '../facts/runtime-objects.ts';
import type { ObservedSandbox } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

/** What a runtime holds is a sandbox that is not stopped, or a container that may run. Void for forced deletes. */
export const goneMeansGone: Invariant = {
  id: 'KUB-10',
  name: 'gone-means-gone',
  kind: 'S',
  holds: 'a pod object leaves the store only after the runtime holds nothing of it (forced delete excepted)',
  watch: (_world, { violated, met }, { runtime, staleness }) => ({
    resources: ['pods'],
    write({ type, object, old }, by) {
      if (type !== 'DELETED') return;
      const pod = object as Stored<Pod>;
      const observed = runtime.pod(pod.metadata.uid);
      if (!observed || isForced((old ?? pod) as Pod, by)) return;
      if (observed.sandboxes.size > 0) met();
      for (const sandbox of observed.sandboxes) {
        // A runtime that was ended may have forgotten what it had.
        if (!runtime.hasPower(sandbox) || staleness.endsOf(`cri/${sandbox.node}`) > 0) continue;
        // Asked for by a kubelet that is gone, it came up behind the back of the one that is there.
        const kubelet = `kubelet/${sandbox.node}`;
        if (staleness.endsOf(kubelet, sandbox.asked) < staleness.endsOf(kubelet)) continue;
        const left = remains(sandbox);
        if (left !== undefined)
          violated(`${by?.actor ?? 'somebody'} removed ${podTitle(pod)} while ${left} on ${sandbox.node}`, podTitle(pod));
      }
    },
  }),
};

function remains(sandbox: ObservedSandbox): string | undefined {
  const running = [...containersOf(sandbox)].find(mayRun);
  if (running) return `its container ${running.name} runs`;
  return sandbox.ready ? `its sandbox ${sandbox.id.slice(0, 13)} is ready` : undefined;
}

/**
 * Whether somebody took the pod away without waiting for its kubelet: a delete without grace by anybody else, or the end of a wait (for
 * a finalizer) that followed one. A pod that has ended or asks for no grace is deleted without grace too.
 */
function isForced({ metadata, spec, status }: Pod, by: TraceRecord | undefined): boolean {
  if (!by) return true;
  if (by.actor === `kubelet/${spec.nodeName ?? ''}`) return false;
  if (metadata.deletionGracePeriodSeconds === 0 || spec.terminationGracePeriodSeconds === 0) return true;
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  return (by.full as DeleteOptions | undefined)?.gracePeriodSeconds === 0;
}
