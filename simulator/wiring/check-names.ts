import { messageOf, parseSpan, type Span } from '@slipway/kernel';
import { editDistance, suggestion } from '@slipway/kube/schema';
import { PluginError } from './plugin-error.ts';

// Names that a plugin's author has misspelt: what is not known would else be left out without a word.

const KEYS = ['interface', 'name', 'description', 'options', 'latency', 'manifests', 'definitions', 'agent', 'create'];

/** @throws PluginError for what no plugin has. */
export function checkKeys(plugin: object, where: string): void {
  for (const key of Object.keys(plugin)) {
    if (KEYS.includes(key)) continue;
    throw new PluginError(`${where}: ${key} is unknown in a plugin`, meant(key, KEYS, 'a plugin has'));
  }
}

/**
 * @param methods of all services of the plugin; none: nobody waits for it
 * @throws PluginError for what is no latency.
 */
export function checkLatency(latency: unknown, methods: readonly string[], where: string): void {
  if (latency === undefined) return;
  if (methods.length === 0) throw new PluginError(`${where}: no call has this latency`, 'remove latency; let its code sleep');
  if (typeof latency !== 'object' || latency === null || Array.isArray(latency))
    throw new PluginError(`${where}: latency is ${JSON.stringify(latency)}`, `write latency: { ${methods[0]}: '8ms..20ms', '*': '1ms' }`);
  for (const [method, span] of Object.entries(latency)) {
    if (method !== '*' && !methods.includes(method))
      throw new PluginError(`${where}: latency.${method} is of no method`, meant(method, methods, "write '*' for all, or one of"));
    const wrong = wrongSpan(span);
    if (wrong !== undefined)
      throw new PluginError(`${where}: latency[${JSON.stringify(method)}]: ${wrong}`, "write for example '2ms' or '8ms..20ms'");
  }
}

function wrongSpan(span: unknown): string | undefined {
  try {
    const { min, max } = parseSpan(span as Span);
    const fits = Number.isFinite(min) && Number.isFinite(max) && min >= 0 && max >= min;
    return fits ? undefined : `${JSON.stringify(span)} is no span of time`;
  } catch (error) {
    return error instanceof RangeError ? messageOf(error).split(': write')[0] : `${JSON.stringify(span)} is no span of time`;
  }
}

/**
 * Something that is nearly called like what may be left out, and was: the plugin would be asked for nothing of the kind, without a word.
 * What is like nothing is the plugin's own affair.
 *
 * @param known every name that the interface has
 * @param what the misspelt thing is not
 * @throws PluginError
 */
export function checkMisspelt(implementation: object, known: readonly string[], who: string, what: string): void {
  const missing = known.filter((name) => (implementation as Record<string, unknown>)[name] === undefined);
  if (missing.length === 0) return;
  for (const name of namesOf(implementation)) {
    if (known.includes(name)) continue;
    const near = missing.find((one) => editDistance(name.toLowerCase(), one.toLowerCase()) <= slips(one));
    if (near !== undefined) throw new PluginError(`${who}: ${name} is ${what}`, `did you mean ${near}?`);
  }
}

/** Short names are soon like another. */
function slips(name: string): number {
  return name.length < 4 ? 0 : name.length < 8 ? 1 : 2;
}

/** Own properties and methods of its classes. */
function namesOf(implementation: object): readonly string[] {
  const names: string[] = [];
  for (let at: object | null = implementation; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null)
    names.push(...Object.getOwnPropertyNames(at));
  return names.filter((name) => name !== 'constructor');
}

function meant(word: string, known: readonly string[], list: string): string {
  const near = suggestion(word, known);
  return near === undefined ? `${list} ${known.join(', ')}` : `did you mean ${near}?`;
}
