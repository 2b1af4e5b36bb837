import type { ListRequest, ObjectRequest, UpdateRequest, WatchRequest } from '@slipway/client';
import type { TraceRecord } from '@slipway/kernel';
import type { Check, Exchange } from '../invariants/invariant.ts';
import type { Situation } from './situation.ts';

const CHANGES = ['Update', 'UpdateStatus', 'Patch', 'Delete'].map((method) => `api.Server/${method}`);
const WRITES = ['api.Server/Create', 'api.Server/Bind', ...CHANGES];

/** Who wants to change which object: `kubelet/node-1 pods default/web`. */
function changeOf({ actor, full }: TraceRecord): string {
  const request = full as Partial<ObjectRequest & UpdateRequest>;
  const { namespace, name } = request.object?.metadata ?? request;
  return `${actor} ${request.resource ?? ''} ${namespace ?? ''}/${name ?? ''}`;
}

const answers = (methods: readonly string[], handler: (exchange: Exchange) => void): Check => ({
  answered: Object.fromEntries(methods.map((method) => [method, handler])),
});

const conflictRetried: Situation = {
  id: 'conflict-retried',
  title: 'a conflict was met, and its write came through later',
  watch: (_world, reached) => {
    const met = new Set<string>();
    return answers(CHANGES, ({ call, ok, code }) => {
      if (code === 'Conflict') met.add(changeOf(call));
      else if (ok && met.size > 0 && met.delete(changeOf(call))) reached();
    });
  },
};

const watchExpired: Situation = {
  id: 'watch-expired',
  title: 'a watch was too old to go on, and its client listed anew',
  watch: (_world, reached) => {
    const expired = new Set<string>();
    const key = ({ actor, full }: TraceRecord): string => `${actor} ${(full as WatchRequest | ListRequest).resource}`;
    return {
      answered: {
        'api.Server/Watch'({ call, code }) {
          if (code === 'Expired' || code === 'Gone') expired.add(key(call));
        },
        'api.Server/List': ({ call, ok }) => ok && expired.size > 0 && expired.delete(key(call)) && reached(),
      },
    };
  },
};

const writeAnswerLost: Situation = {
  id: 'write-answer-lost',
  title: 'a write was committed, and its writer was not told',
  watch: (_world, reached) => ({ fault: ({ name, data }) => data[0] === 'answer lost' && WRITES.includes(name) && reached() }),
};

const serverAway: Situation = {
  id: 'server-away',
  title: 'a write met no API server',
  watch: (_world, reached) => answers(WRITES, ({ code }) => void ((code === 'UNAVAILABLE' || code === 'ServiceUnavailable') && reached())),
};

const budgetMet: Situation = {
  id: 'drain-met-budget',
  title: 'an eviction met a disruption budget',
  watch: (_world, reached) => answers(['api.Server/Evict'], ({ code }) => void (code === 'TooManyRequests' && reached())),
};

const finalizerHeld: Situation = {
  id: 'finalizer-held',
  title: 'a finalizer held an object that was deleted',
  watch: (_world, reached) => ({
    write({ type, object: { metadata }, old }) {
      if (type === 'MODIFIED' && metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined)
        if ((metadata.finalizers?.length ?? 0) > 0) reached();
    },
  }),
};

const nameUsedAgain: Situation = {
  id: 'name-used-again',
  title: 'an object was made by the name of one that went',
  watch: (_world, reached) => {
    const gone = new Set<string>();
    return {
      resources: ['pods', 'persistentvolumeclaims', 'services', 'deployments', 'statefulsets', 'nodes', 'volumeattachments'],
      write({ type, resource, object: { metadata } }) {
        if (type === 'MODIFIED') return;
        const key = `${resource} ${metadata.namespace ?? ''}/${metadata.name}`;
        if (type === 'DELETED') gone.add(key);
        else if (gone.delete(key)) reached();
      },
    };
  },
};

const collected: Situation = {
  id: 'dependent-collected',
  title: 'something went with its owner',
  watch: (_world, reached) =>
    answers(['api.Server/Delete'], ({ call, ok }) => void (ok && call.actor.includes('garbage-collector-controller') && reached())),
};

export const apiSituations: readonly Situation[] = [
  conflictRetried,
  watchExpired,
  writeAnswerLost,
  serverAway,
  budgetMet,
  finalizerHeld,
  nameUsedAgain,
  collected,
];
