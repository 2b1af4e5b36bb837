import type { KubeObject } from '@slipway/kube';
import type { Correspondence } from './correspondence.ts';
import { roleName } from './generated-ids.ts';
import { areDrawn, BOOKKEEPING, sameValue } from './same-value.ts';

/** One thing that differs between the final objects of two runs. */
export interface ObjectDifference {
  /** `Pod default/web-75f66c96df-nnvt9`; as the left run names it, if it has it. */
  readonly object: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** `status.podIP`; lists by the name, type or key of their items. Undefined unless a field has changed. */
  readonly field?: string;
  readonly left?: unknown;
  readonly right?: unknown;
}

/** Kinds whose objects are news or heartbeats, not state: calls and timing tell of them. */
const TRANSIENT: ReadonlySet<string> = new Set(['Event', 'Lease']);
/** What tells the items of a list apart, in the order of trying. */
const ITEM_KEYS = ['name', 'type', 'key', 'ip', 'driver', 'containerPort', 'names'];
/** Fields that move with every write. */
const COUNTERS: ReadonlySet<string> = new Set(['generation', 'observedGeneration']);

/**
 * Compares the final objects of two runs: by kind, namespace and name, generated names by their role. Left out are bookkeeping (revision,
 * uid, managed fields), moments, events and leases.
 *
 * @param ids which generated id is which; objects that correspond teach it more.
 */
export function objectDifferences(
  left: readonly KubeObject[],
  right: readonly KubeObject[],
  ids: Correspondence,
): readonly ObjectDifference[] {
  const found: ObjectDifference[] = [];
  const others = grouped(right);
  for (const [role, mine] of grouped(left)) {
    const theirs = others.get(role) ?? [];
    others.delete(role);
    const pairs = paired(mine, theirs, ids);
    for (const [a, b] of pairs) {
      if (!b) found.push({ object: titleOf(a), change: 'removed' });
      else found.push(...fieldDifferences(a, b, ids));
    }
    const taken = new Set(pairs.map(([, b]) => b));
    for (const b of theirs) if (!taken.has(b)) found.push({ object: titleOf(b), change: 'added' });
  }
  for (const rest of others.values()) for (const b of rest) found.push({ object: titleOf(b), change: 'added' });
  return found.sort((a, b) => {
    const [first, second] = [sortKey(a), sortKey(b)];
    return first < second ? -1 : first > second ? 1 : 0;
  });
}

export function titleOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

const sortKey = ({ object, field }: ObjectDifference): string => `${object}\n${field ?? ''}`;

function grouped(objects: readonly KubeObject[]): Map<string, KubeObject[]> {
  const groups = new Map<string, KubeObject[]>();
  for (const object of objects) {
    if (TRANSIENT.has(object.kind ?? '')) continue;
    const role = roleName(titleOf(object));
    const group = groups.get(role);
    if (group) group.push(object);
    else groups.set(role, [object]);
  }
  return groups;
}

/** Objects of one role: first those whose names are known to correspond, then by order of birth. */
function paired(
  left: readonly KubeObject[],
  right: readonly KubeObject[],
  ids: Correspondence,
): (readonly [left: KubeObject, right: KubeObject | undefined])[] {
  const byName = new Map(right.map((object) => [titleOf(object), object]));
  const pairs = new Map<KubeObject, KubeObject>();
  const taken = new Set<KubeObject>();
  const take = (a: KubeObject, b: KubeObject): void => {
    pairs.set(a, b);
    taken.add(b);
    ids.learn(titleOf(a), titleOf(b));
  };
  for (const a of left) {
    const b = byName.get(ids.translate(titleOf(a)));
    if (b) take(a, b);
  }
  const free = right.filter((object) => !taken.has(object)).sort(byBirth);
  const open = left.filter((object) => !pairs.has(object)).sort(byBirth);
  for (const [index, a] of open.entries()) {
    const b = free[index];
    if (b) take(a, b);
  }
  return left.map((a) => [a, pairs.get(a)] as const);
}

function byBirth(a: KubeObject, b: KubeObject): number {
  const [first, second] = [birth(a), birth(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

const birth = ({ metadata }: KubeObject): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;

/** The fields in which two objects that stand for the same differ. */
export function fieldDifferences(left: KubeObject, right: KubeObject, ids: Correspondence): readonly ObjectDifference[] {
  const found: ObjectDifference[] = [];
  const object = titleOf(left);
  compare(left, right, '');
  return found;

  function compare(a: unknown, b: unknown, field: string): void {
    if (isMap(a) && isMap(b)) {
      for (const name of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort())
        if (!BOOKKEEPING.has(name) && !COUNTERS.has(name) && !areDrawn(name, a[name], b[name]))
          compare(a[name], b[name], field === '' ? name : `${field}.${quoted(name)}`);
    } else if (Array.isArray(a) && Array.isArray(b)) compareLists(a as readonly unknown[], b as readonly unknown[], field);
    else if (!(a === undefined && b === undefined) && !sameValue(a, b, ids))
      found.push({
        object,
        change: 'changed',
        field,
        ...(a === undefined ? {} : { left: a }),
        ...(b === undefined ? {} : { right: b }),
      });
  }

  function compareLists(a: readonly unknown[], b: readonly unknown[], field: string): void {
    const key = ITEM_KEYS.find((name) => [...a, ...b].every((item) => isMap(item) && item[name] !== undefined));
    if (key === undefined || !distinct(a, key) || !distinct(b, key)) {
      for (let index = 0; index < Math.max(a.length, b.length); index++) compare(a[index], b[index], `${field}[${index}]`);
      return;
    }
    // Names of items may be generated too: volumes of service account tokens are.
    const rest = new Map(b.map((item) => [roleName(keyOf(item, key)), item]));
    for (const item of a) {
      const role = roleName(keyOf(item, key));
      compare(item, rest.get(role), `${field}[${keyOf(item, key)}]`);
      rest.delete(role);
    }
    for (const item of rest.values()) compare(undefined, item, `${field}[${keyOf(item, key)}]`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Images have several names: the last one is what people write. */
function keyOf(item: unknown, key: string): string {
  const value = (item as Fields)[key];
  return String(Array.isArray(value) ? value.at(-1) : value);
}

const distinct = (items: readonly unknown[], key: string): boolean =>
  new Set(items.map((item) => roleName(keyOf(item, key)))).size === items.length;

/** Names of labels and annotations have dots of their own. */
const quoted = (name: string): string => (name.includes('.') ? `"${name}"` : name);
