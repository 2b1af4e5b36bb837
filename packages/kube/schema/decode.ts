import type * as z from 'zod';
import { type Kind, kindOf, kinds } from '../kinds.ts';
import { canonicalQuantity, isQuantity } from '../quantity.ts';
import type { KubeObject } from '../types/index.ts';
import { schemas } from './kinds.ts';
import { objectMeta } from './meta.ts';
import { suggestion } from './suggest.ts';

/** One thing wrong with a value that came from a user. */
export interface DecodeIssue {
  /** Where, from the top of the object. An unknown field's own name is the last step. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** What to write instead. */
  readonly suggestion?: string;
}

/** The object, typed, or everything that is wrong with it. */
export type Decoded = { readonly object: KubeObject } | { readonly issues: readonly DecodeIssue[] };

/**
 * Reads one Kubernetes object from plain data, as a YAML parser gives it. Unknown fields and wrong types are refused, each with its
 * path; null counts as absent; fields that the server sets are accepted. Values beyond types are `validateCreate`'s.
 *
 * Objects of kinds that are not built in keep everything but `metadata` as it is.
 */
export function decode(value: unknown): Decoded {
  if (!isPlainObject(value)) return { issues: [{ path: [], message: `must be a Kubernetes object, not ${describe(value)}` }] };
  const poisoned = findPrototypeKeys(value);
  if (poisoned.length > 0) return { issues: poisoned.map((path) => ({ path, message: 'unknown field' })) };
  const { apiVersion, kind } = value;
  const missing = (['apiVersion', 'kind'] as const).filter((field) => typeof value[field] !== 'string' || value[field] === '');
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || missing.length > 0) {
    return { issues: missing.map((field) => ({ path: [field], message: `${field} is missing or not a text` })) };
  }
  const schema = schemas.get(`${apiVersion}/${kind}`);
  if (schema !== undefined) return decodeWith(schema(), value);
  const known = kindOf(apiVersion, kind);
  const misnamed = known === undefined ? findMisnamed(apiVersion, kind) : undefined;
  return misnamed === undefined ? decodeGeneric(value) : { issues: [misnamed] };
}

/** The members of a `List` (or `PodList` and the like), or `undefined` when the value is no list. */
export function listItems(value: unknown): readonly unknown[] | undefined {
  if (!isPlainObject(value) || typeof value['kind'] !== 'string' || !value['kind'].endsWith('List')) return undefined;
  const items = value['items'];
  return Array.isArray(items) ? items : undefined;
}

/**
 * Reads any plain data by a schema; mistakes come as those of objects do.
 *
 * @param schema objects in it are strict, so that unknown fields are found.
 */
export function decodeBy<T>(schema: z.ZodType<T>, value: unknown): { readonly value: T } | { readonly issues: readonly DecodeIssue[] } {
  const result = schema.safeParse(value, { jitless: true });
  if (result.success) return { value: result.data };
  return { issues: result.error.issues.flatMap((issue) => issuesOf(issue, value, schema)) };
}

function decodeWith(schema: z.ZodType<KubeObject>, value: unknown): Decoded {
  // Without generated code a first object costs 3 ms instead of 10, and a page with a strict CSP can decode too.
  const result = schema.safeParse(value, { jitless: true });
  if (result.success) return { object: withoutNulls(result.data) as KubeObject };
  return { issues: result.error.issues.flatMap((issue) => issuesOf(issue, value, schema)) };
}

function decodeGeneric(value: Readonly<Record<string, unknown>>): Decoded {
  const schema = objectMeta();
  const result = schema.safeParse(value['metadata'] ?? {}, { jitless: true });
  if (result.success) return { object: { ...value, metadata: withoutNulls(result.data) } as KubeObject };
  const issues = result.error.issues.flatMap((issue) => issuesOf(issue, value['metadata'], schema));
  return { issues: issues.map((issue) => ({ ...issue, path: ['metadata', ...issue.path] })) };
}

/** A group that is ours with a kind or version that is not is a mistake, not a custom resource. */
function findMisnamed(apiVersion: string, kind: string): DecodeIssue | undefined {
  const elsewhere = kinds.filter((other) => other.kind === kind);
  const group = groupOf(apiVersion);
  const ours = group === 'extensions' || kinds.some((other) => other.group === group);
  // A bare word such as `apps` is a version of the core group in form; taken with a known kind it is a slip.
  if (!ours && apiVersion.includes('/')) return undefined;
  const message = `no matches for kind "${kind}" in version "${apiVersion}"`;
  const [other] = elsewhere;
  if (other !== undefined) return { path: ['apiVersion'], message, suggestion: other.apiVersion };
  const near =
    suggestion(
      kind,
      kinds.filter(inVersion(apiVersion)).map((candidate) => candidate.kind),
    ) ??
    suggestion(
      kind,
      kinds.map((candidate) => candidate.kind),
    );
  return near === undefined ? { path: ['kind'], message } : { path: ['kind'], message, suggestion: near };
}

function inVersion(apiVersion: string): (kind: Kind) => boolean {
  return (kind) => kind.apiVersion === apiVersion;
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

function issuesOf(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType): readonly DecodeIssue[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const given = valueAt(root, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = fieldsAt(schema, path);
      return issue.keys.map((key) => {
        const near = suggestion(key, known);
        return { path: [...path, key], message: `unknown field "${key}"`, ...(near === undefined ? {} : { suggestion: near }) };
      });
    }
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      if (given === undefined || given === null) return [{ path, message: `is required: one of ${allowed.join(', ')}` }];
      const near = typeof given === 'string' ? suggestion(given, allowed) : undefined;
      const message = `unsupported value ${JSON.stringify(given)}: must be one of ${allowed.join(', ')}`;
      return [{ path, message, ...(near === undefined ? {} : { suggestion: near }) }];
    }
    case 'invalid_union':
      return unionIssues(issue.errors, path, given, root, schema);
    case 'invalid_type':
      return [typeIssue(path, typeNames[issue.expected] ?? issue.expected, given)];
    case 'too_small':
    case 'too_big':
      return [{ path, message: boundText(issue) }];
    default:
      return [{ path, message: quantityHint(issue.message, given) }];
  }
}

/** A schema's own words stay; zod's are for programmers. */
function boundText(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  if (!/^Too (small|big)/.test(issue.message)) return issue.message;
  const [word, bound] = issue.code === 'too_small' ? ['least', issue.minimum] : ['most', issue.maximum];
  if (issue.code === 'too_small' && (issue.origin === 'string' || issue.origin === 'array') && issue.minimum === 1)
    return 'must not be empty';
  if (issue.origin === 'string') return `must have at ${word} ${bound} characters`;
  if (issue.origin === 'array') return `must have at ${word} ${bound} items`;
  return `must be at ${word} ${bound}`;
}

/** A value that fits no branch: what is wrong by the branch that it was most likely meant for, or which types there may be. */
function unionIssues(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  path: readonly (string | number)[],
  given: unknown,
  root: unknown,
  schema: z.ZodType,
): readonly DecodeIssue[] {
  const ofType = branches.filter((issues) => !issues.some(({ code, path: inside }) => code === 'invalid_type' && inside.length === 0));
  const [nearest] = ofType.sort((a, b) => a.length - b.length);
  if (nearest) return nearest.flatMap((inner) => issuesOf({ ...inner, path: [...path, ...inner.path] }, root, schema));
  const expected = branches.flatMap((issues) => issues.flatMap((issue) => (issue.code === 'invalid_type' ? [issue.expected] : [])));
  return [typeIssue(path, [...new Set(expected.map((name) => typeNames[name] ?? name))].join(' or '), given)];
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  int: 'a whole number',
  number: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function typeIssue(path: readonly (string | number)[], expected: string, given: unknown): DecodeIssue {
  if (given === undefined || given === null) return { path, message: 'is required' };
  const message = `must be ${expected}, not ${describe(given)}`;
  // Unquoted numbers and booleans where a text belongs, and the other way round, are the commonest slips in YAML.
  if (expected === 'a text' && (typeof given === 'number' || typeof given === 'boolean'))
    return { path, message, suggestion: JSON.stringify(String(given)) };
  if (expected === 'a whole number' && typeof given === 'string' && /^-?\d+$/.test(given)) return { path, message, suggestion: given };
  if (expected === 'true or false' && (given === 'true' || given === 'false')) return { path, message, suggestion: given };
  return { path, message };
}

function quantityHint(message: string, given: unknown): string {
  if (typeof given !== 'string') return message;
  const repaired = given
    .replace(/\s+/g, '')
    .replace(/([KMGTPE]i?)B$/i, '$1')
    .replace(/K$/, 'k');
  return repaired !== given && isQuantity(repaired) ? `${message} (did you mean ${canonicalQuantity(repaired)}?)` : message;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return `the ${typeof value} ${JSON.stringify(value)}`;
}

function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

/** What zod knows of a schema, as far as a walk down needs it. */
interface Definition {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly out?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

/** Names of the fields that an object at this path may have. */
function fieldsAt(root: z.ZodType, path: readonly (string | number)[]): readonly string[] {
  let schema: z.ZodType | undefined = root;
  const rest = [...path];
  while (schema !== undefined) {
    const { shape, element, valueType, innerType, out, options } = schema._zod.def as unknown as Definition;
    if (options !== undefined) return options.flatMap((option) => fieldsAt(option, rest));
    if (innerType !== undefined || out !== undefined) schema = innerType ?? out;
    else if (rest.length === 0) return Object.keys(shape ?? {});
    else {
      const step = rest.shift() ?? '';
      schema = shape?.[step] ?? element ?? valueType;
    }
  }
  return [];
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Paths of members called `__proto__`, which would become an object's prototype when it is copied carelessly. */
function findPrototypeKeys(value: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((element, index) => findPrototypeKeys(element, [...path, index]));
  const found = Object.hasOwn(value, '__proto__') ? [[...path, '__proto__']] : [];
  for (const [key, member] of Object.entries(value)) {
    if (key !== '__proto__' && typeof member === 'object')
      found.push(...findPrototypeKeys(member, [...path, key]).map((inner) => [...inner]));
  }
  return found;
}

/** The same data without members that are null; shares whatever has none. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const cleaned = value.map(withoutNulls);
    return cleaned.every((element, index) => element === value[index]) ? value : cleaned;
  }
  let changed = false;
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (member === null || member === undefined) {
      changed = true;
      continue;
    }
    const cleaned = withoutNulls(member);
    if (cleaned !== member) changed = true;
    result[key] = cleaned;
  }
  return changed ? result : value;
}
