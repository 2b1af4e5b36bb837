import {
  addUsage,
  compareQuantities,
  forbidden,
  isInScopes,
  isQuotaNameOf,
  type Kind,
  type KubeObject,
  type Pod,
  quotaUsage,
  type ResourceList,
  type ResourceQuota,
  scopesOf,
  type Stored,
  subQuantities,
  unnamedByContainers,
} from '@slipway/kube';
import { isBuiltIn } from '../kind-rules.ts';
import type { Store } from '../store.ts';
import type { Table } from '../table.ts';

/**
 * Charges what is written to the quotas of its namespace, or refuses it. Unlike other plug-ins it writes itself, the status of the
 * quotas, and comes last, after validation. Source: `apiserver/pkg/admission/plugin/resourcequota/controller.go`, CheckRequest.
 */
export class ResourceQuotas {
  readonly #store: Store;
  readonly #findTable: () => Table;
  #table: Table | undefined;

  /** @param findTable asked at the first write, when all kinds are served */
  constructor(store: Store, findTable: () => Table) {
    this.#store = store;
    this.#findTable = findTable;
  }

  /** @throws ApiError Forbidden when a quota has no room, or when the object does not say how much room it takes. */
  charge(kind: Kind, object: KubeObject, old: Stored<KubeObject> | undefined): void {
    this.#table ??= this.#findTable();
    const table = this.#table;
    // The controller counts no custom kinds.
    if (table.size === 0 || !kind.namespaced || !isBuiltIn(kind) || (old && !canGrow(kind))) return;
    const now = this.#store.kernel.unixMicros;
    const interested = [...(table.values(object.metadata.namespace) as Iterable<Stored<ResourceQuota>>)]
      .filter((quota) => isInterested(quota, kind, object))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    if (interested.length === 0) return;
    for (const quota of interested) checkStatement(quota, kind, object);
    const growth = growthOf(quotaUsage(kind, object, now), old && quotaUsage(kind, old, now));
    const charged = interested.map((quota) => ({ quota, used: usedAfter(quota, growth, kind, object) }));
    for (const { quota, used } of charged) {
      if (used !== undefined)
        this.#store.put(table, { ...quota, status: { ...quota.status, used } } as ResourceQuota, quota, 'update status');
    }
  }
}

/** Pods and most others take what they take when they are made; the rest can be changed to take more. */
const canGrow = ({ group, plural }: Kind): boolean => group === '' && (plural === 'services' || plural === 'persistentvolumeclaims');

const isPod = ({ group, plural }: Kind): boolean => group === '' && plural === 'pods';

const boundsOn = ({ status }: ResourceQuota, kind: Kind): readonly string[] =>
  Object.keys(status?.hard ?? {})
    .filter((name) => isQuotaNameOf(name, kind))
    .sort();

function isInterested(quota: ResourceQuota, kind: Kind, object: KubeObject): boolean {
  // Only pods have scopes.
  const inScope = isPod(kind) ? isInScopes(quota, object as Pod) : scopesOf(quota).length === 0;
  return inScope && boundsOn(quota, kind).length > 0;
}

function checkStatement(quota: Stored<ResourceQuota>, kind: Kind, object: KubeObject): void {
  const { name } = quota.metadata;
  const bounds = boundsOn(quota, kind);
  if (isPod(kind)) {
    const unnamed = unnamedByContainers(object as Pod, bounds);
    if (unnamed.length > 0) throw forbidden(kind, object.metadata.name, `failed quota: ${name}: must specify ${unnamed.join('; ')}`);
  }
  const unknown = bounds.some((bound) => quota.status?.used?.[bound] === undefined);
  if (unknown) throw forbidden(kind, object.metadata.name, `status unknown for quota: ${name}, resources: ${bounds.join(',')}`);
}

/** What the write takes beyond what its object took before; less than that is given back later, by the controller. */
function growthOf(usage: ResourceList, before: ResourceList | undefined): ResourceList {
  const growth: Record<string, string> = {};
  for (const [name, amount] of Object.entries(usage)) {
    const more = subQuantities(amount, before?.[name] ?? '0');
    if (compareQuantities(more, '0') > 0) growth[name] = more;
  }
  return growth;
}

/** The quota's use with the growth; undefined when it bounds none of it. */
function usedAfter(quota: Stored<ResourceQuota>, growth: ResourceList, kind: Kind, object: KubeObject): ResourceList | undefined {
  const { hard = {}, used = {} } = quota.status ?? {};
  const requested = Object.fromEntries(Object.entries(growth).filter(([name]) => name in hard));
  const names = Object.keys(requested).sort();
  if (names.length === 0) return undefined;
  const after = addUsage(used, requested);
  const exceeded = names.filter((name) => compareQuantities(after[name] ?? '0', hard[name] ?? '0') > 0);
  if (exceeded.length === 0) return after;
  const shown = (list: ResourceList): string => exceeded.map((name) => `${name}=${list[name] ?? '0'}`).join(',');
  const numbers = `requested: ${shown(requested)}, used: ${shown(used)}, limited: ${shown(hard)}`;
  throw forbidden(kind, object.metadata.name, `exceeded quota: ${quota.metadata.name}, ${numbers}`);
}
