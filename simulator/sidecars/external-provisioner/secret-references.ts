import { dns1123LabelProblems, dns1123SubdomainProblems, type PersistentVolumeClaim, type SecretReference } from '@slipway/kube';

// Secrets that a class names for the driver's calls. Source: external-provisioner `pkg/controller/controller.go`, getSecretReference.

type Parameters = Readonly<Record<string, string>>;

/** Keys that begin so are the side-cars' own and are not handed to the driver. */
export const PARAMETER_PREFIX = 'csi.storage.k8s.io/';

/** Which call the secret is for. */
export type SecretPurpose =
  | 'Provisioner'
  | 'ControllerPublish'
  | 'NodeStage'
  | 'NodePublish'
  | 'ControllerExpand'
  | 'NodeExpand'
  | 'ControllerModify';

interface SecretKeys {
  readonly name: string;
  readonly keys: readonly [name: string, namespace: string];
  /** From before there were prefixes. */
  readonly deprecated?: readonly [name: string, namespace: string];
}

const keysOf = (stem: string): SecretKeys['keys'] => [
  `${PARAMETER_PREFIX}${stem}secret-name`,
  `${PARAMETER_PREFIX}${stem}secret-namespace`,
];
const deprecatedKeys = (stem: string): SecretKeys['keys'] => [`csi${stem}SecretName`, `csi${stem}SecretNamespace`];

const DEFAULT: SecretKeys = { name: 'Default', keys: keysOf('') };
const PURPOSES: Readonly<Record<SecretPurpose, SecretKeys>> = {
  Provisioner: { name: 'Provisioner', keys: keysOf('provisioner-'), deprecated: deprecatedKeys('Provisioner') },
  ControllerPublish: { name: 'ControllerPublish', keys: keysOf('controller-publish-'), deprecated: deprecatedKeys('ControllerPublish') },
  NodeStage: { name: 'NodeStage', keys: keysOf('node-stage-'), deprecated: deprecatedKeys('NodeStage') },
  NodePublish: { name: 'NodePublish', keys: keysOf('node-publish-'), deprecated: deprecatedKeys('NodePublish') },
  ControllerExpand: { name: 'ControllerExpand', keys: keysOf('controller-expand-') },
  NodeExpand: { name: 'NodeExpand', keys: keysOf('node-expand-') },
  ControllerModify: { name: 'ControllerModify', keys: keysOf('controller-modify-') },
};

/** All prefixed keys that name secrets. */
export const secretParameterKeys: ReadonlySet<string> = new Set([DEFAULT, ...Object.values(PURPOSES)].flatMap(({ keys }) => keys));

/** What is wrong with a class's parameters. */
export class ParameterError extends Error {
  readonly code = 'PARAMETERS';
}

/**
 * The secret of a class for one purpose, with `${pvc.name}` and the like filled in; undefined when it names none.
 *
 * @throws ParameterError
 */
export function secretReference(
  purpose: SecretPurpose,
  parameters: Parameters,
  volumeName: string,
  claim: Pick<PersistentVolumeClaim, 'metadata'>,
): SecretReference | undefined {
  const templates = templatesOf(PURPOSES[purpose], parameters) ?? templatesOf(DEFAULT, parameters);
  if (!templates) return undefined;
  const { name = '', namespace = '', annotations = {} } = claim.metadata;
  const inNamespace = { 'pv.name': volumeName, 'pvc.namespace': namespace };
  const inName = {
    ...inNamespace,
    'pvc.name': name,
    ...Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`pvc.annotations['${key}']`, value])),
  };
  return {
    name: resolve(templates.name, inName, dns1123SubdomainProblems, 'secret name'),
    namespace: resolve(templates.namespace, inNamespace, dns1123LabelProblems, 'namespace name'),
  };
}

function templatesOf({ name, keys, deprecated }: SecretKeys, parameters: Parameters): { name: string; namespace: string } | undefined {
  const given = [keys, ...(deprecated ? [deprecated] : [])];
  const names = given.flatMap(([key]) => parameters[key] ?? []);
  const namespaces = given.flatMap(([, key]) => parameters[key] ?? []);
  if (names.length > 1 || namespaces.length > 1)
    throw new ParameterError(`${name} secrets specified in parameters with both "csi" and "${PARAMETER_PREFIX}" keys`);
  if (names.length !== namespaces.length)
    throw new ParameterError(`either name and namespace for ${name} secrets specified, Both must be specified`);
  const [secret, namespace] = [names[0], namespaces[0]];
  if (secret === undefined || namespace === undefined) return undefined;
  if (secret === '' || namespace === '')
    throw new ParameterError(`${name} secrets specified in parameters but value of either namespace or name is empty`);
  return { name: secret, namespace };
}

function resolve(template: string, values: Parameters, problemsOf: (text: string) => readonly string[], what: string): string {
  const missing = new Set<string>();
  const text = template.replace(/\$\{([^}]*)\}/g, (_, token: string) => {
    const value = values[token];
    if (value === undefined) missing.add(token);
    return value ?? '';
  });
  if (missing.size > 0) {
    const tokens = [...missing].sort().map((token) => JSON.stringify(token));
    throw new ParameterError(`error resolving value ${JSON.stringify(template)}: invalid tokens: [${tokens.join(' ')}]`);
  }
  if (problemsOf(text).length === 0) return text;
  const resolved = text === template ? '' : ` resolved to ${JSON.stringify(text)} which`;
  throw new ParameterError(`${JSON.stringify(template)}${resolved} is not a valid ${what}`);
}
