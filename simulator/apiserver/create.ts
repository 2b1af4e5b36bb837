import { isProcess, type Process } from '@slipway/kernel';
import { alreadyExists, badRequest, type Kind, type KubeObject, type ObjectMeta, type Pod, type Stored, withDefaults } from '@slipway/kube';
import { webhookRefusal } from './admission/index.ts';
import { rulesOf } from './kind-rules.ts';
import type { Machinery } from './machinery.ts';
import { metadataOfNew } from './metadata.ts';
import type { Table } from './table.ts';
import type { Validation } from './validation.ts';

/** Further tries when a generated name is taken. Source: registry `store.go`, maxNameGenerationCreateAttempts 8. */
const NAME_TRIES = 8;

/** The steps of a create, in upstream's order. Answers at once unless a webhook takes time. */
export function create(
  machinery: Machinery,
  validation: Validation,
  table: Table,
  body: KubeObject,
): Stored<KubeObject> | Process<Stored<KubeObject>> {
  const { registry, admission, webhooks } = machinery;
  const { kind } = table;
  const sent = registry.checkKind(table, body);
  const { metadata } = sent;
  if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  if (!kind.namespaced && metadata.namespace) {
    throw badRequest('namespace may not be set on cluster-scoped objects');
  }
  const namespace = kind.namespaced ? metadata.namespace || 'default' : '';
  const meta = metadataOfNew(sent, kind, namespace, machinery.identity);
  let object = defaulted(machinery, { ...sent, metadata: meta }, kind, namespace);
  object = admission.admit({ operation: 'create', kind, namespace, object, old: undefined });
  if (webhooks.length > 0) {
    const request = { operation: 'create' as const, kind, namespace, object, old: undefined };
    if (webhooks.some((webhook) => webhook.matches(request)))
      return createThroughWebhooks(machinery, validation, table, request, body.apiVersion);
  }
  return finish(machinery, validation, table, object, body.apiVersion);
}

/** A pod's spec is defaulted by admission, which works it out once for all pods that come with the same one. */
function defaulted({ admission }: Machinery, object: KubeObject, kind: Kind, namespace: string): KubeObject {
  if (kind.plural !== 'pods' || kind.group !== '') return withDefaults(object);
  const pod = object as Pod;
  const admitted: Pod = { ...pod, spec: admission.admitPodSpec(pod, namespace) };
  return admitted;
}

function* createThroughWebhooks(
  machinery: Machinery,
  validation: Validation,
  table: Table,
  first: Parameters<Machinery['webhooks'][number]['admit']>[0],
  sentAs: string,
): Process<Stored<KubeObject>> {
  let request = first;
  for (const webhook of machinery.webhooks) {
    if (!webhook.matches(request)) continue;
    try {
      const answer = webhook.admit(request);
      const object = isProcess(answer) ? ((yield* answer as Process<KubeObject>) satisfies KubeObject) : (answer as KubeObject);
      request = { ...request, object };
    } catch (error) {
      throw webhookRefusal(webhook.name, table.kind, request.object, error);
    }
  }
  return finish(machinery, validation, table, withDefaults(request.object), sentAs);
}

/** @param sentAs apiVersion of the body: a custom kind is checked by the schema of that version */
function finish(machinery: Machinery, validation: Validation, table: Table, admitted: KubeObject, sentAs: string): Stored<KubeObject> {
  const { kind } = table;
  const rules = rulesOf(table);
  let object = admitted;
  if (kind.statusSubresource && rules.keepsStatusOnCreate === undefined) object = withFreshStatus(object);
  if (rules.prepareCreate) object = rules.prepareCreate(object, machinery);
  validation.create(object, kind, machinery.registry.schemaErrors(table, object, sentAs));
  object = withFreeName(machinery, table, object);
  machinery.quotas?.charge(kind, object, undefined);
  if (rules.allocate) object = rules.allocate(object, undefined, machinery, table);
  const stored = machinery.store.put(table, object, undefined, 'create');
  rules.stored?.(stored, machinery);
  return stored;
}

/** A status sent along counts for nothing: it becomes what defaults make of none. */
function withFreshStatus(object: KubeObject): KubeObject {
  const { status, ...rest } = object as KubeObject & { readonly status?: unknown };
  return status === undefined ? object : withDefaults(rest);
}

function withFreeName({ identity }: Machinery, table: Table, object: KubeObject): KubeObject {
  const { namespace, name, generateName } = object.metadata;
  if (!table.get(namespace, name)) return object;
  // A client that gave a name as well wants that one.
  if (generateName !== undefined && name.startsWith(generateName.slice(0, 58)) && name.length === Math.min(generateName.length, 58) + 5) {
    for (let tries = 1; tries < NAME_TRIES; tries++) {
      const metadata: ObjectMeta = { ...object.metadata, name: identity.name(generateName) };
      if (!table.get(namespace, metadata.name)) return { ...object, metadata };
    }
  }
  throw alreadyExists(table.kind, name);
}
