import { type ControllerDefinition, defineController } from '@slipway/client';
import { codeOf, seconds } from '@slipway/kernel';
import { type Job, parseTime } from '@slipway/kube';

/** Deletes Jobs some time after they have ended, and their pods before them. Source: `pkg/controller/ttlafterfinished`. */
export const ttlAfterFinishedController: ControllerDefinition = defineController({
  name: 'ttl-after-finished-controller',
  watches: ['jobs'],
  *reconcile(key, { informers, api, owner }) {
    const job = informers.get('jobs').get(key);
    const due = job && expiryOf(job);
    if (!job || due === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
    const left = due - owner.kernel.unixMicros;
    if (left > 0) return { requeueAfter: left };
    const { namespace = 'default', name, uid } = job.metadata;
    try {
      // The time to live may have been changed where the cache has not seen it.
      const newest = yield* api.jobs.get({ namespace, name });
      if ((expiryOf(newest) ?? Number.POSITIVE_INFINITY) > owner.kernel.unixMicros) return undefined;
      yield* api.jobs.delete({ namespace, name, preconditions: { uid }, propagationPolicy: 'Foreground' });
    } catch (error) {
      if (codeOf(error) !== 'NotFound' && codeOf(error) !== 'Conflict') throw error;
    }
    return undefined;
  },
});

/** Unix microseconds; undefined for a Job that has not ended or that stays. */
export function expiryOf({ spec, status }: Job): number | undefined {
  if (spec.ttlSecondsAfterFinished === undefined) return undefined;
  const ended = status?.conditions?.find(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'));
  const at = ended?.lastTransitionTime === undefined ? undefined : parseTime(ended.lastTransitionTime);
  return at === undefined ? undefined : at + seconds(spec.ttlSecondsAfterFinished);
}
