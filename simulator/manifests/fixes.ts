import { type FieldError, kinds } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';

// What to write instead, for each sort of mistake.

/** Versions in which there is a built-in kind of this name. */
export function kindsOfAnyVersion(kind: string): readonly string[] {
  return kinds.filter((each) => each.kind === kind).map((each) => each.apiVersion);
}

/** Groups of well-known tools whose files look like manifests. */
const FOREIGN: Readonly<Record<string, string>> = {
  'kustomize.config.k8s.io': 'apply what it makes: kustomize build FOLDER | slipway apply -',
  'slipway.dev': 'a scenario is not applied but run: slipway run FILE',
  'kind.x-k8s.io': 'leave the cluster definition out; --nodes says how many nodes there are',
};

/** @param apiVersion empty when there is none. */
export function unknownKindFix(apiVersion: string, kind: string): string {
  const versions = kindsOfAnyVersion(kind);
  if (versions.length > 0) return `write "apiVersion: ${versions.join('" or "apiVersion: ')}"`;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const foreign = Object.hasOwn(FOREIGN, group) ? FOREIGN[group] : undefined;
  if (foreign !== undefined) return foreign;
  const isOurs = apiVersion === '' || kinds.some((each) => each.group === group);
  const names = kinds.map((each) => each.kind);
  const near = isOurs ? suggestion(kind, names) : undefined;
  return near === undefined ? 'a custom kind needs its CustomResourceDefinition in the input' : `did you mean "${near}"?`;
}

/** @param near what the schema suggests: a field's name, a word of a vocabulary, or the value in the wanted type. */
export function decodeFix(message: string, near: string | undefined): string | undefined {
  if (message.startsWith('unknown field'))
    return near === undefined ? 'remove it, or move it to where it belongs' : `did you mean "${near}"?`;
  if (message.startsWith('unsupported value')) return near === undefined ? 'write one of these' : `did you mean "${near}"?`;
  if (near !== undefined) return `write ${near}`;
  if (message.startsWith('is required')) return 'add it';
  const boolean = /^must be true or false, not the string "(.*)"$/.exec(message)?.[1]?.toLowerCase();
  if (boolean !== undefined && ['yes', 'on', 'y'].includes(boolean)) return 'write true';
  if (boolean !== undefined && ['no', 'off', 'n'].includes(boolean)) return 'write false';
  if (message.startsWith('must be a list')) return 'begin each item with "- "';
  if (message.startsWith('must be an object')) return 'write "key: value" lines, indented below it';
  if (message.startsWith('must be a text')) return 'write a text, in quotes if it looks like something else';
  if (message.startsWith('must be a quantity')) return 'units are m, k, M, G, T, P, E and Ki, Mi, Gi, Ti, Pi, Ei';
  return undefined;
}

/** For the mistakes whose message does not say it already. */
export function validationFix({ field, kind, detail }: FieldError): string | undefined {
  if (detail.includes('does not match template')) return 'give the template every label that the selector asks for';
  if (detail.includes('empty selector')) return 'add selector.matchLabels with labels of the template';
  if (kind === 'Duplicate value') return 'rename or remove one of the two';
  if (kind === 'Forbidden') return 'remove it';
  if (kind === 'Not found' && field.includes('volumeMounts')) return 'add a volume of that name to the pod, or correct the name';
  if (kind === 'Required value') return 'add it';
  return undefined;
}
