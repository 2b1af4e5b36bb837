import { findCondition, type Pod, type Service } from '@slipway/kube';
import { type Micros, seconds } from '@slipway/kernel';
import type { Invariant } from '../invariant.ts';

interface Step {
  readonly stage: string;
  readonly what: string;
}

/** Endpoints follow pods, and proxies follow endpoints, a moment later. */
const GRACE: Micros = seconds(5);

/**
 * Judged at each request that a Service sent to a pod. A pod that is ending still serves, if it was ready; so does one behind a Service
 * that publishes unready addresses.
 */
export const liveBackends: Invariant = {
  id: 'SMI-09',
  name: 'live-backends',
  kind: 'S',
  holds: 'traffic reaches ready endpoints only; with none it fails visibly',
  watch: ({ kernel, server }, { violated, met }) => {
    const unreadySince = new Map<string, Micros>();
    return {
      resources: ['pods'],
      write({ type, object }) {
        const key = `${object.metadata.namespace}/${object.metadata.name}`;
        if (type === 'DELETED' || isReady(object as Pod) || object.metadata.deletionTimestamp !== undefined) unreadySince.delete(key);
        else if (!unreadySince.has(key)) unreadySince.set(key, kernel.now);
      },
      trace({ kind, name, full }) {
        if (kind !== 'decision' || name !== 'traffic/request') return;
        const steps = (full ?? []) as readonly Step[];
        const service = steps.findLast(({ stage }) => stage === 'service')?.what;
        const pod = /^pod (\S+) /.exec(steps.findLast(({ stage }) => stage === 'deliver')?.what ?? '')?.[1];
        if (service === undefined || pod === undefined) return;
        met();
        const since = unreadySince.get(pod);
        if (since === undefined || kernel.now - since < GRACE) return;
        const key = service.slice(0, service.indexOf(':'));
        const [namespace, serviceName = ''] = key.split('/');
        const asked = server.peek('services', namespace, serviceName) as Service | undefined;
        if (!asked?.spec.publishNotReadyAddresses)
          violated(`a request to Service ${key} reached pod ${pod}, which is not ready`, `Pod ${pod}`, `Service ${key}`);
      },
    };
  },
};

const isReady = ({ status }: Pod): boolean => findCondition(status?.conditions, 'Ready')?.status === 'True';
