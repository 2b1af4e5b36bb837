import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { Cell, every, type Micros, minutes, type Process, spawn } from '@slipway/kernel';
import { isEqual, type Kind, keyOf, type KubeObject, type ResourceQuota, type Stored } from '@slipway/kube';
import { BY_NAMESPACE, boundKinds, givesBack, useOf } from './quota-use.ts';

/** All quotas are counted anew so often, whatever the watches said: `--resource-quota-sync-period`. */
const SYNC_PERIOD: Micros = minutes(5);

/**
 * Keeps the status of quotas: bounds that are new, and what deletes and ends have given back. What is made is charged by the API server
 * itself (`admission/resource-quota.ts`). Kinds are watched from the first quota on that bounds them. Source:
 * `pkg/controller/resourcequota/resource_quota_controller.go`.
 */
export function resourceQuotaController(): ControllerDefinition {
  const watched = new Set<string>();
  const wake = new Cell(0);

  return defineController({
    name: 'resourcequota-controller',
    workers: 5,
    watches: [
      watch('resourcequotas', {
        indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] },
        // A status comes from here or from the API server: it needs no answer.
        keys: (quota, { event, old }) => {
          wake.set(wake.value + 1);
          return event === 'DELETED' || (old && isEqual(old.spec, quota.spec)) ? [] : [keyOf(quota)];
        },
      }),
    ],
    *start(context) {
      watched.clear();
      yield* spawn('quota sync', syncAll(context));
    },
    *reconcile(key, context) {
      const quota = context.informers.get('resourcequotas').get(key);
      if (!quota) return;
      for (const kind of boundKinds(quota)) yield* follow(kind, context);
      const status = statusOf(quota, context);
      if (!isEqual(quota.status, status)) yield* context.api.resourcequotas.updateStatus({ ...quota, status });
    },
  });

  function* syncAll({ informers, queue }: ControllerContext): Process<never> {
    const beat = every(SYNC_PERIOD);
    const quotas = informers.get('resourcequotas');
    for (;;) {
      yield* beat.next(quotas.list().length === 0 ? { unless: [wake] } : undefined);
      for (const quota of quotas.list()) queue.add(keyOf(quota));
    }
  }

  function* follow(kind: Kind, { informers, owner, queue }: ControllerContext): Process {
    const { plural } = kind;
    const informer = informers.get<KubeObject>(plural, { indexers: { [BY_NAMESPACE]: ({ metadata }) => [metadata.namespace ?? ''] } });
    if (!watched.has(plural)) {
      watched.add(plural);
      const leave = informer.onChange((_event, old, object) => {
        if (!givesBack(kind, old, object, owner.kernel.unixMicros)) return;
        const namespace = (object ?? old)?.metadata.namespace ?? '';
        for (const quota of informers.get('resourcequotas').byIndex('namespace', namespace)) queue.add(keyOf(quota));
      });
      // Shared caches outlive a controller that crashed and came again.
      owner.onEnd(leave);
    }
    yield* informer.waitForSync();
  }
}

/** Source: syncResourceQuota. */
function statusOf(quota: Stored<ResourceQuota>, { informers, owner }: ControllerContext): NonNullable<ResourceQuota['status']> {
  const hard = quota.spec?.hard ?? {};
  const counted = { ...quota.status?.used, ...useOf(quota, informers, owner.kernel.unixMicros) };
  return { hard, used: Object.fromEntries(Object.entries(counted).filter(([name]) => name in hard)) };
}
