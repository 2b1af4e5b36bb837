import { duplicateValue, type FieldError, invalidValue, isQuantity, type KubeObject, requiredValue, unsupportedValue } from '@slipway/kube';
import { smiKindOf, type SmiObjects } from './kinds.ts';
import { headerEntries, headerExpression, pathExpression } from './semantics/http-routes.ts';
import type { HTTPRouteGroup, IdentityBinding, IdentityReference, TCPRoute, TrafficSplit, TrafficTarget, UDPRoute } from './types/index.ts';

/** What `methods` may list. SMI specs, "HTTPRouteGroup". */
export const HTTP_METHODS: readonly string[] = ['*', 'GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/** Kinds of rules. SMI access, "TrafficTarget". */
export const RULE_KINDS: readonly string[] = ['HTTPRouteGroup', 'TCPRoute', 'UDPRoute'];

const validators: { readonly [K in keyof SmiObjects]: (object: SmiObjects[K]) => readonly FieldError[] } = {
  TrafficSplit: validateTrafficSplit,
  TrafficTarget: validateTrafficTarget,
  HTTPRouteGroup: validateHttpRouteGroup,
  TCPRoute: validatePortRoute,
  UDPRoute: validatePortRoute,
  IdentityBinding: validateIdentityBinding,
};

/**
 * What is wrong with an object of SMI, in its newest shape: what the schemas of the CRDs say, and what SMI demands beyond them. Objects
 * of other kinds have nothing wrong. `fieldErrorText` of `@slipway/kube` makes words of each.
 */
export function validate(object: KubeObject): readonly FieldError[] {
  const kind = smiKindOf(object);
  // The table pairs each kind with the validator of its own type.
  return kind === undefined ? [] : (validators[kind] as (object: KubeObject) => readonly FieldError[])(object);
}

/** A whole number of at least 0, or, as v1alpha1 has it, a quantity. SMI split; Slipway SMI-01. */
export function validateTrafficSplit({ spec }: TrafficSplit): readonly FieldError[] {
  if (spec === undefined) return [requiredValue('spec')];
  const errors: FieldError[] = [];
  if (!spec.service) errors.push(requiredValue('spec.service'));
  const { backends = [], matches = [] } = spec;
  if (backends.length === 0) errors.push(requiredValue('spec.backends', 'at least one backend'));
  for (const [at, { service, weight }] of backends.entries()) {
    const path = `spec.backends[${at}]`;
    if (!service) errors.push(requiredValue(`${path}.service`));
    else if (service === spec.service) errors.push(invalidValue(`${path}.service`, service, 'may not be the root service'));
    if (weight === undefined) errors.push(requiredValue(`${path}.weight`));
    else errors.push(...weightErrors(`${path}.weight`, weight));
  }
  if (errors.length === 0 && backends.every(({ weight }) => !isPositive(weight))) {
    const weights = backends.map(({ weight }) => weight);
    errors.push(invalidValue('spec.backends', weights, 'at least one weight should be greater than 0'));
  }
  for (const [at, { kind, name }] of matches.entries()) {
    const path = `spec.matches[${at}]`;
    if (kind !== 'HTTPRouteGroup') errors.push(unsupportedValue(`${path}.kind`, kind, ['HTTPRouteGroup']));
    if (!name) errors.push(requiredValue(`${path}.name`));
  }
  return errors;
}

function weightErrors(path: string, weight: number | string): readonly FieldError[] {
  if (typeof weight === 'string') {
    if (!isQuantity(weight)) return [invalidValue(path, weight, 'should be a whole number')];
    return weight.startsWith('-') ? [invalidValue(path, weight, 'should be greater than or equal to 0')] : [];
  }
  if (weight < 0) return [invalidValue(path, weight, 'should be greater than or equal to 0')];
  return Number.isSafeInteger(weight) ? [] : [invalidValue(path, weight, 'should be a whole number')];
}

/** A quantity is positive when some digit of it is. */
const isPositive = (weight: number | string): boolean => (typeof weight === 'number' ? weight > 0 : /^[^a-zA-Z]*[1-9]/.test(weight));

/** At least one destination, rule and source. SMI access, "TrafficTarget". */
export function validateTrafficTarget({ apiVersion, spec }: TrafficTarget): readonly FieldError[] {
  if (spec === undefined) return [requiredValue('spec')];
  const kinds = apiVersion.endsWith('/v1alpha4') ? ['IdentityBinding', 'ServiceAccount'] : ['ServiceAccount'];
  const reference = (path: string, { kind, name }: IdentityReference): readonly FieldError[] => [
    ...(kinds.includes(kind) ? [] : [unsupportedValue(`${path}.kind`, kind, kinds)]),
    ...(name ? [] : [requiredValue(`${path}.name`)]),
  ];
  const { destination, rules = [], sources = [] } = spec;
  const errors = destination === undefined ? [requiredValue('spec.destination')] : [...reference('spec.destination', destination)];
  if (rules.length === 0) errors.push(requiredValue('spec.rules', 'at least one rule'));
  for (const [at, { kind, name, matches = [] }] of rules.entries()) {
    const path = `spec.rules[${at}]`;
    if (!RULE_KINDS.includes(kind)) errors.push(unsupportedValue(`${path}.kind`, kind, RULE_KINDS));
    if (!name) errors.push(requiredValue(`${path}.name`));
    if (kind !== 'HTTPRouteGroup' && matches.length > 0) {
      errors.push(invalidValue(`${path}.matches`, matches, 'only an HTTPRouteGroup has matches with names'));
    }
  }
  if (sources.length === 0) errors.push(requiredValue('spec.sources', 'at least one source'));
  for (const [at, source] of sources.entries()) errors.push(...reference(`spec.sources[${at}]`, source));
  return errors;
}

/** Names are keys, expressions can be read, methods are known. SMI specs, "HTTPRouteGroup". */
export function validateHttpRouteGroup({ spec }: HTTPRouteGroup): readonly FieldError[] {
  if (spec === undefined) return [requiredValue('spec')];
  const errors: FieldError[] = [];
  const { matches = [] } = spec;
  if (matches.length === 0) errors.push(requiredValue('spec.matches', 'at least one match'));
  const names = new Set<string>();
  for (const [at, { name, pathRegex, methods = [], headers }] of matches.entries()) {
    const path = `spec.matches[${at}]`;
    if (!name) errors.push(requiredValue(`${path}.name`));
    else if (names.has(name)) errors.push(duplicateValue(`${path}.name`, name));
    names.add(name);
    if (pathRegex !== undefined && !pathExpression(pathRegex)) {
      errors.push(invalidValue(`${path}.pathRegex`, pathRegex, 'should be a regular expression'));
    }
    for (const [index, method] of methods.entries()) {
      if (!HTTP_METHODS.includes(method)) errors.push(unsupportedValue(`${path}.methods[${index}]`, method, HTTP_METHODS));
    }
    for (const [header, value] of headerEntries(headers)) {
      if (!headerExpression(value)) errors.push(invalidValue(`${path}.headers.${header}`, value, 'should be a regular expression'));
    }
  }
  return errors;
}

/** Ports are ports. SMI specs, "TCPRoute", "UDPRoute". */
export function validatePortRoute({ spec }: TCPRoute | UDPRoute): readonly FieldError[] {
  const ports = spec?.matches?.ports ?? [];
  return ports.flatMap((port, at) =>
    Number.isInteger(port) && port >= 1 && port <= 65_535
      ? []
      : [invalidValue(`spec.matches.ports[${at}]`, port, 'should be between 1 and 65535')],
  );
}

/** At least one scheme, and a selector or an account. SMI access v1alpha4, "IdentityBinding". */
export function validateIdentityBinding({ spec }: IdentityBinding): readonly FieldError[] {
  if (spec?.schemes === undefined) return [requiredValue('spec.schemes')];
  const { podLabelSelector, serviceAccount, spiffeIdentities = [] } = spec.schemes;
  if (podLabelSelector !== undefined && serviceAccount !== undefined) {
    return [invalidValue('spec.schemes.serviceAccount', serviceAccount, 'may not stand beside podLabelSelector')];
  }
  const isEmpty = podLabelSelector === undefined && serviceAccount === undefined && spiffeIdentities.length === 0;
  return isEmpty ? [requiredValue('spec.schemes', 'at least one scheme')] : [];
}
