import type { CustomResourceDefinition, JsonValue } from '@slipway/kube';
import { ACCESS_GROUP, smiKinds, type SmiObjects, SPECS_GROUP, SPLIT_GROUP } from './kinds.ts';
import { HTTP_METHODS, RULE_KINDS } from './validate.ts';

type Schema = { readonly [key: string]: JsonValue };
type Version = CustomResourceDefinition['spec']['versions'][number];

const text = (description: string): Schema => ({ type: 'string', description });
const required = (...names: readonly string[]): Schema => ({ type: 'object', required: [...names] });

/** A whole object whose `spec` is this. */
function objectWith(spec: Schema, needsSpec = true): Schema {
  return {
    type: 'object',
    ...(needsSpec ? { required: ['spec'] } : {}),
    properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, spec },
  };
}

/** Whole numbers of at least 0, and one of them more: the SDK's schema leaves this to each mesh. v1alpha1 has quantities. */
function splitSchema({ quantities, matches }: { readonly quantities: boolean; readonly matches: boolean }): Schema {
  const weight: Schema = quantities ? { 'x-kubernetes-int-or-string': true, minimum: 0 } : { type: 'integer', minimum: 0 };
  const group: Schema = {
    ...required('kind', 'name'),
    properties: { kind: { type: 'string', enum: ['HTTPRouteGroup'] }, name: text('Name of the group, in the namespace of the split.') },
  };
  return objectWith({
    ...required('service', 'backends'),
    properties: {
      service: text('Root service: the name that clients use.'),
      backends: {
        type: 'array',
        minItems: 1,
        items: {
          ...required('service', 'weight'),
          properties: { service: text('Service that gets a share.'), weight: { ...weight, description: 'Share, relative to the sum.' } },
        },
      },
      ...(matches ? { matches: { type: 'array', description: 'Which requests are split; none: all.', items: group } } : {}),
    },
    // All weights 0: nobody would get anything.
    ...(quantities
      ? {}
      : { not: { required: ['backends'], properties: { backends: { items: { properties: { weight: { maximum: 0 } } } } } } }),
  });
}

const reference: Schema = {
  ...required('kind', 'name'),
  properties: { kind: { type: 'string' }, name: { type: 'string' }, namespace: text('Left out: that of the target.') },
};

const targetSchema = objectWith({
  ...required('destination', 'rules', 'sources'),
  properties: {
    destination: reference,
    rules: {
      type: 'array',
      minItems: 1,
      items: {
        ...required('kind', 'name'),
        properties: {
          kind: { type: 'string', enum: [...RULE_KINDS] },
          name: { type: 'string' },
          matches: { type: 'array', description: 'Matches of an HTTPRouteGroup; none: all.', items: { type: 'string' } },
        },
      },
    },
    sources: { type: 'array', minItems: 1, items: reference },
  },
});

const groupSchema = objectWith({
  ...required('matches'),
  properties: {
    matches: {
      type: 'array',
      items: {
        ...required('name'),
        properties: {
          name: text('Key within the group.'),
          pathRegex: text('Regular expression, anchored at the start.'),
          methods: { type: 'array', items: { type: 'string', enum: [...HTTP_METHODS] } },
          // A map in the spec's text, a list of maps in the SDK's schema: both are written, so both are taken.
          headers: { description: 'Header names and regular expressions.', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  },
});

const portSchema = objectWith(
  {
    ...required('matches'),
    properties: {
      matches: {
        type: 'object',
        properties: {
          ports: {
            type: 'array',
            description: 'None: every port.',
            items: { type: 'integer', minimum: 1, maximum: 65_535 },
          },
        },
      },
    },
  },
  false,
);

const bindingSchema = objectWith({
  ...required('schemes'),
  properties: {
    schemes: {
      type: 'object',
      minProperties: 1,
      properties: {
        podLabelSelector: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        spiffeIdentities: { type: 'array', items: { type: 'string' } },
        serviceAccount: { type: 'string' },
      },
      not: { required: ['podLabelSelector', 'serviceAccount'] },
    },
  },
});

const version = (name: string, schema: Schema, storage: boolean, more: Partial<Version> = {}): Version => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: schema },
  ...more,
});

function definition(kind: keyof SmiObjects, versions: readonly Version[]): CustomResourceDefinition {
  const { group, plural = '', shortNames } = smiKinds.find((each) => each.kind === kind) as (typeof smiKinds)[number];
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames.length === 0 ? {} : { shortNames }),
      },
      versions,
    },
  };
}

const rootColumn: Partial<Version> = {
  additionalPrinterColumns: [
    { name: 'Service', type: 'string', description: 'The apex service of this split.', jsonPath: '.spec.service' },
  ],
};

/**
 * The definitions of SMI's kinds, in the versions that have one shape: what is sent in one is kept as the newest. Columns and names as in
 * smi-sdk-go `crds/`; schemas are stricter where SMI's text is. The older versions of the access and specs groups have other shapes, and
 * upstream serves them no longer.
 */
export const smiCrds: { readonly [K in keyof SmiObjects]: CustomResourceDefinition } = {
  TrafficSplit: definition('TrafficSplit', [
    version('v1alpha4', splitSchema({ quantities: false, matches: true }), true, rootColumn),
    version('v1alpha3', splitSchema({ quantities: false, matches: true }), false, rootColumn),
    version('v1alpha2', splitSchema({ quantities: false, matches: false }), false, rootColumn),
    version('v1alpha1', splitSchema({ quantities: true, matches: false }), false, rootColumn),
  ]),
  TrafficTarget: definition('TrafficTarget', [version('v1alpha3', targetSchema, true)]),
  HTTPRouteGroup: definition('HTTPRouteGroup', [version('v1alpha4', groupSchema, true), version('v1alpha3', groupSchema, false)]),
  TCPRoute: definition('TCPRoute', [version('v1alpha4', portSchema, true)]),
  UDPRoute: definition('UDPRoute', [version('v1alpha4', portSchema, true)]),
  IdentityBinding: definition('IdentityBinding', [version('v1alpha4', bindingSchema, true)]),
};

/** The definitions of a group, for a mesh that serves it. */
export function smiCrdsOf(
  ...groups: readonly (typeof ACCESS_GROUP | typeof SPECS_GROUP | typeof SPLIT_GROUP)[]
): readonly CustomResourceDefinition[] {
  return Object.values(smiCrds).filter(({ spec }) => (groups as readonly string[]).includes(spec.group));
}
