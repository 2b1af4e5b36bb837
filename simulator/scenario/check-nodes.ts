import { compareQuantities, dns1123SubdomainProblems, isQuantity, labelValueProblems, qualifiedNameProblems } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import type { Problem } from '../manifests/input-error.ts';
import type { NodeNames } from './node-names.ts';
import type { PlaceOf } from './scenario.ts';
import type { NodesDocument } from './schema.ts';

/** What every machine has; anything else with a slash in its name is a device of somebody's plugin. */
const RESOURCES = ['cpu', 'memory', 'pods', 'ephemeral-storage'];

/**
 * What a Node object could not be made of. A kubelet that cannot register says so in its log only, so that the run would wait for a node
 * that never comes.
 *
 * @param placeOf from the document.
 * @param names those given so far; two machines of one name would fight over one Node.
 * @param taken filled with the names of these machines.
 */
export function checkNodes(document: NodesDocument, placeOf: PlaceOf, names: NodeNames, taken: Set<string>, problems: Problem[]): void {
  const problem = (path: readonly (string | number)[], message: string, fix: string): void => {
    problems.push({ place: placeOf(path), message: `nodes: ${message}`, fix });
  };
  const mine = names.of(document);
  const [first = ''] = mine;
  if (dns1123SubdomainProblems(mine.at(-1) ?? first).length > 0)
    problem(['name'], `"${document.name}" is no name of a node`, 'write lower-case letters, digits, dashes and dots');
  const twice = mine.find((name) => taken.has(name));
  if (twice !== undefined)
    problem(document.name === undefined ? [] : ['name'], `two machines would be called "${twice}"`, 'give one of them another name');
  for (const name of mine) taken.add(name);
  for (const [index, zone] of (document.zones ?? []).entries())
    if (zone === '' || labelValueProblems(zone).length > 0)
      problem(['zones', index], `"${zone}" is no name of a zone`, 'write a letter, or the whole name: us-east-1a');
  checkQuantities(document, problem);
  for (const [key, value] of Object.entries(document.labels ?? {})) {
    if (qualifiedNameProblems(key).length > 0) problem(['labels', key], `"${key}" is no key of a label`, KEY);
    else if (labelValueProblems(value).length > 0) problem(['labels', key], `"${value}" is no value of a label`, VALUE);
  }
  for (const key of Object.keys(document.annotations ?? {}))
    if (qualifiedNameProblems(key.toLowerCase()).length > 0) problem(['annotations', key], `"${key}" is no key of an annotation`, KEY);
  const seen = new Set<string>();
  for (const [index, taint] of (document.taints ?? []).entries()) {
    checkTaint(taint, (path, message, fix) => problem(['taints', index, ...path], message, fix));
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity)) problem(['taints', index], `the taint ${identity} stands twice`, 'remove one of the two');
    seen.add(identity);
  }
}

type Report = (path: readonly (string | number)[], message: string, fix: string) => void;

const KEY = 'write letters, digits, dashes, dots; a prefix ends in a slash: example.com/name';
const VALUE = 'write at most 63 letters, digits, dashes and dots, a letter or digit at both ends';

/** A taint that the API server would refuse; what holds a variable is known in the run only. */
export function checkTaint({ key, value = '' }: { readonly key: string; readonly value?: string | undefined }, problem: Report): void {
  if (!key.includes('$') && qualifiedNameProblems(key).length > 0) problem(['key'], `"${key}" is no key of a taint`, KEY);
  if (!value.includes('$') && labelValueProblems(value).length > 0) problem(['value'], `"${value}" is no value of a taint`, VALUE);
}

function checkQuantities({ capacity = {}, allocatable = {} }: NodesDocument, problem: Report): void {
  for (const [field, given] of [
    ['capacity', capacity],
    ['allocatable', allocatable],
  ] as const)
    for (const [resource, amount] of Object.entries(given)) {
      const path = [field, resource];
      const text = String(amount);
      if (!RESOURCES.includes(resource) && !resource.includes('/') && !resource.startsWith('hugepages-')) {
        const near = suggestion(resource, RESOURCES);
        problem(
          path,
          `a machine has no "${resource}"`,
          near === undefined ? `it has ${RESOURCES.join(', ')}, or devices such as nvidia.com/gpu` : `did you mean "${near}"?`,
        );
      } else if (!isQuantity(text))
        problem(path, `${field}.${resource}: "${text}" is no quantity`, 'write for example 500m, 4, 512Mi or 16Gi');
      else if (compareQuantities(text, '0') < 0) problem(path, `${field}.${resource}: ${text} is less than nothing`, 'write 0 or more');
      else if (resource === 'pods' && !Number.isInteger(Number(text)))
        problem(path, `${field}.pods: ${text} is no number of pods`, 'write a whole number');
      else if (
        field === 'allocatable' &&
        capacity[resource] !== undefined &&
        isQuantity(String(capacity[resource])) &&
        compareQuantities(text, String(capacity[resource])) > 0
      )
        problem(path, `allocatable.${resource}: ${text} is more than the capacity, ${capacity[resource]}`, 'write the capacity or less');
    }
}
