import { compareQuantities, isQuantity } from '@slipway/kube';

// Part of an object as a pattern: fields that are named must be equal, each item of a list must be in the list, null means absent. An
// empty list is one without items (or none at all), since "each of no items" would hold for every list.

/** One field in which an object is not as the pattern wants it. */
export interface Difference {
  /** `status.phase is "Pending", not "Running"`. */
  readonly text: string;
  /** How many leaves of the pattern are not met. */
  readonly weight: number;
}

/** Below these fields texts are quantities, whatever the resources are called. */
const RESOURCE_LISTS: ReadonlySet<string> = new Set([
  'requests',
  'limits',
  'capacity',
  'allocatable',
  'allocatedResources',
  'hard',
  'used',
  'default',
  'defaultRequest',
  'max',
  'min',
  'podFixed',
]);
/** These fields are quantities themselves. */
const QUANTITIES: ReadonlySet<string> = new Set(['sizeLimit', 'averageValue', 'maximumVolumeSize']);
/** What users keep below these is theirs: texts and nothing else. */
const USERS_OWN: ReadonlySet<string> = new Set([
  'data',
  'stringData',
  'labels',
  'annotations',
  'matchLabels',
  'nodeSelector',
  'parameters',
]);

/** How the texts at a place are compared. */
type Sense = 'plain' | 'text' | 'quantity';

function senseBelow(sense: Sense, key: string): Sense {
  if (sense !== 'plain') return sense;
  if (USERS_OWN.has(key)) return 'text';
  return RESOURCE_LISTS.has(key) || QUANTITIES.has(key) ? 'quantity' : 'plain';
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says of a value whether it has what the pattern names. */
export type Matcher = (actual: unknown) => boolean;

const isAbsent: Matcher = (actual) => actual === null || actual === undefined;

/** Made once for a pattern, since it may be asked of every object at every change. */
export function matcherOf(pattern: unknown, sense: Sense = 'plain'): Matcher {
  if (pattern === null || pattern === undefined) return isAbsent;
  if (Array.isArray(pattern)) {
    if (pattern.length === 0) return (actual) => isAbsent(actual) || (Array.isArray(actual) && actual.length === 0);
    const items = pattern.map((item) => matcherOf(item, sense));
    return (actual) => Array.isArray(actual) && items.every((item) => actual.some(item));
  }
  if (!isFields(pattern)) return (actual) => sameScalar(pattern, actual, sense);
  const members = Object.entries(pattern).map(([key, value]) => ({ key, fits: matcherOf(value, senseBelow(sense, key)) }));
  return (actual) => {
    if (!isFields(actual)) return false;
    for (const { key, fits } of members) if (!fits(Object.hasOwn(actual, key) ? actual[key] : undefined)) return false;
    return true;
  };
}

/** Whether the value has what the pattern names. */
export function matches(pattern: unknown, actual: unknown, sense: Sense = 'plain'): boolean {
  return matcherOf(pattern, sense)(actual);
}

function sameScalar(pattern: unknown, actual: unknown, sense: Sense): boolean {
  if (pattern === actual) return true;
  if (sense !== 'quantity' || !isAmount(pattern) || !isAmount(actual)) return false;
  const [left, right] = [String(pattern), String(actual)];
  return isQuantity(left) && isQuantity(right) && compareQuantities(left, right) === 0;
}

const isAmount = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';

/** Every difference, in the order of the pattern; none exactly when it matches. */
export function differences(pattern: unknown, actual: unknown, path = '', sense: Sense = 'plain'): readonly Difference[] {
  if (matches(pattern, actual, sense)) return [];
  if (Array.isArray(pattern) && Array.isArray(actual) && pattern.length > 0)
    return pattern.filter((item) => !actual.some(matcherOf(item, sense))).flatMap((item) => missingItem(item, actual, path, sense));
  if (isFields(pattern) && isFields(actual))
    return Object.entries(pattern).flatMap(([key, value]) =>
      differences(value, Object.hasOwn(actual, key) ? actual[key] : undefined, pathTo(path, key), senseBelow(sense, key)),
    );
  return [{ text: differenceText(pattern, actual, path), weight: leavesOf(pattern) }];
}

function differenceText(pattern: unknown, actual: unknown, path: string): string {
  const where = path === '' ? 'the object' : path;
  if (actual === undefined || actual === null) return `${where} is not set, and should be ${shown(pattern)}`;
  if (pattern === null || pattern === undefined) return `${where} is ${shown(actual)}, and should not be set`;
  if (Array.isArray(pattern) && pattern.length === 0) return `${where} is ${shown(actual)}, and should be empty`;
  return `${where} is ${shown(actual)}, not ${shown(pattern)}`;
}

/** What tells the items of Kubernetes' lists apart, as merge keys do. */
const IDENTITIES = ['type', 'name', 'key', 'containerPort', 'port', 'ip', 'uid', 'topologyKey', 'mountPath'] as const;

/** The item that comes nearest is most likely the one that was meant. */
function missingItem(pattern: unknown, actual: readonly unknown[], path: string, sense: Sense): readonly Difference[] {
  const weight = leavesOf(pattern);
  const none: readonly Difference[] = [
    { text: `${path} has no item ${shown(pattern)}${actual.length === 0 ? ': it is empty' : ''}`, weight },
  ];
  if (!isFields(pattern)) return [{ text: `${path} has no item ${shown(pattern)}; it is ${shown(actual)}`, weight }];
  const identity = IDENTITIES.find(
    (key) => ['string', 'number'].includes(typeof pattern[key]) && actual.some((item) => isFields(item) && Object.hasOwn(item, key)),
  );
  if (identity !== undefined) {
    const same = actual.find((item) => isFields(item) && item[identity] === pattern[identity]);
    if (same !== undefined) return differences(pattern, same, `${path}[${identity}=${String(pattern[identity])}]`, sense);
    const others = actual.flatMap((item) => (isFields(item) ? [String(item[identity])] : []));
    return [{ text: `${path} has no item with ${identity} ${shown(pattern[identity])}, only ${short(others.join(', '))}`, weight }];
  }
  let best: readonly Difference[] | undefined;
  for (const [index, item] of actual.entries()) {
    const found = differences(pattern, item, `${path}[${index}]`, sense);
    if (!best || weightOf(found) < weightOf(best)) best = found;
  }
  return best && weightOf(best) < weight ? best : none;
}

/** How far an object is from the pattern. */
export function weightOf(found: readonly Difference[]): number {
  return found.reduce((sum, { weight }) => sum + weight, 0);
}

function leavesOf(pattern: unknown): number {
  if (typeof pattern !== 'object' || pattern === null) return 1;
  return Math.max(
    1,
    Object.values(pattern).reduce<number>((sum, value) => sum + leavesOf(value), 0),
  );
}

/** A value for a message: JSON without quotes around plain keys, cut off where it gets long. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return short(JSON.stringify(value));
  return short(flow(value));
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (!isFields(value)) return JSON.stringify(value) ?? 'nothing';
  return `{${Object.entries(value)
    .map(([key, member]) => `${key}: ${flow(member)}`)
    .join(', ')}}`;
}

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

/** As API errors write paths: `metadata.labels[app.kubernetes.io/name]`. */
export function pathTo(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
