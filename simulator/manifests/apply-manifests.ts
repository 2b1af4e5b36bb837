import { codeOf, messageOf, type Micros, type Process, seconds, sleep } from '@slipway/kernel';
import { kindOf, type KubeObject, type StorageClass } from '@slipway/kube';
import type { Cluster } from './cluster.ts';
import { nodesReady } from './nodes-ready.ts';
import { InputError, type Problem } from './input-error.ts';
import { type InputWarning, type LoadedObject, titleOf } from './load-manifests.ts';

/** The cluster is given so long to come up before anything is applied. */
const BOOT: Micros = seconds(60);
/** And a namespace so long to get its service account. */
const ACCOUNT: Micros = seconds(10);

/**
 * Applies objects as a person with kubectl would: once the nodes are up, namespaces and custom kinds first, then in the order of the
 * input. A namespace that nobody makes is made.
 *
 * @throws InputError for objects that the API server refuses.
 */
export function applyManifests(cluster: Cluster, objects: readonly LoadedObject[], nodeNames: readonly string[]): Process<InputWarning[]> {
  return applyInOrder(cluster, objects, () => nodesReady(cluster, nodeNames, cluster.kernel.now + BOOT));
}

/**
 * Like `applyManifests`, in a cluster that runs already: nobody waits for nodes.
 *
 * @throws InputError for objects that the API server refuses.
 */
export function applyObjects(cluster: Cluster, objects: readonly LoadedObject[]): Process<InputWarning[]> {
  return applyInOrder(cluster, objects);
}

/** @param whenReady what is waited for when the Node objects are there */
function* applyInOrder(cluster: Cluster, objects: readonly LoadedObject[], whenReady?: () => Process): Process<InputWarning[]> {
  const warnings: InputWarning[] = [];
  const problems: Problem[] = [];
  const ofKind = (kind: string): LoadedObject[] => objects.filter(({ object }) => object.kind === kind);
  const early = new Set([...ofKind('Node'), ...ofKind('Namespace'), ...ofKind('CustomResourceDefinition')]);
  for (const loaded of ofKind('Node')) yield* applyOne(cluster, loaded, problems);
  if (whenReady) yield* whenReady();
  for (const loaded of [...ofKind('Namespace'), ...ofKind('CustomResourceDefinition')]) yield* applyOne(cluster, loaded, problems);
  yield* defineKinds(cluster, objects);
  const namespaces = namespacesOf(objects);
  for (const [namespace, first] of namespaces) {
    if (!(yield* makeNamespace(cluster, namespace))) continue;
    warnings.push({
      object: titleOf(first.object, first.kind),
      field: 'metadata.namespace',
      message: `namespace "${namespace}" is in none of the files; it was made`,
    });
  }
  yield* accountsReady(cluster, [...namespaces.keys()]);
  for (const loaded of objects) if (!early.has(loaded)) yield* applyOne(cluster, served(cluster, loaded, warnings), problems);
  if (problems.length > 0) throw new InputError(problems);
  return warnings;
}

/** Kinds that a plugin serves and nobody has defined yet. */
function* defineKinds({ api, server, definitions }: Cluster, objects: readonly LoadedObject[]): Process {
  const groups = new Set(objects.map(({ kind }) => kind.group));
  for (const definition of definitions) {
    if (!groups.has(definition.spec.group) || server.peek('customresourcedefinitions', undefined, definition.metadata.name)) continue;
    yield* api.customresourcedefinitions.create(definition);
  }
}

function* applyOne({ api }: Cluster, { object, place, kind }: LoadedObject, problems: Problem[]): Process {
  const isBuiltIn = kindOf(object.apiVersion, object.kind) !== undefined;
  const resource = api.resource<KubeObject>(isBuiltIn ? kind.plural : `${kind.plural}.${kind.group}`);
  const { namespace, name } = object.metadata;
  try {
    yield* resource.patch({
      ...(kind.namespaced ? { namespace: namespace ?? 'default' } : {}),
      name,
      type: 'apply',
      patch: object,
    });
  } catch (error) {
    problems.push({ place, message: `the API server refuses ${titleOf(object, kind)}: ${messageOf(error)}` });
  }
}

/** No driver at all makes volumes of such a class: they are there already. */
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** A class whose provisioner nobody serves is served by the default driver: files are written for some cluster, and this is another. */
function served({ server }: Cluster, loaded: LoadedObject, warnings: InputWarning[]): LoadedObject {
  if (loaded.object.kind !== 'StorageClass') return loaded;
  const { parameters, ...object } = loaded.object as StorageClass;
  const { provisioner } = object;
  if (provisioner === NO_PROVISIONER || server.peek('csidrivers', undefined, provisioner)) return loaded;
  const classes = [...server.objects('storageclasses')] as unknown as readonly StorageClass[];
  const standard = classes.find(({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true');
  const title = titleOf(object, loaded.kind);
  if (!standard) {
    warnings.push({ object: title, field: 'provisioner', message: `no driver serves "${provisioner}", and there is no default driver` });
    return loaded;
  }
  const dropped = parameters === undefined ? '' : '; its parameters were left out';
  warnings.push({
    object: title,
    field: 'provisioner',
    message: `no driver serves "${provisioner}": ${standard.provisioner} takes its place${dropped}`,
  });
  return { ...loaded, object: { ...object, provisioner: standard.provisioner } as StorageClass };
}

/** Namespaces of namespaced objects, each with the first object that is in it. */
function namespacesOf(objects: readonly LoadedObject[]): Map<string, LoadedObject> {
  const found = new Map<string, LoadedObject>();
  for (const loaded of objects) {
    if (!loaded.kind.namespaced) continue;
    const namespace = loaded.object.metadata.namespace ?? 'default';
    if (!found.has(namespace)) found.set(namespace, loaded);
  }
  return found;
}

function* makeNamespace({ api }: Cluster, name: string): Process<boolean> {
  try {
    yield* api.namespaces.get({ name });
    return false;
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
  yield* api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return true;
}

/** Waits until the namespaces have their `default` service account, without which no pod is admitted. */
function* accountsReady({ api, kernel }: Cluster, namespaces: readonly string[]): Process {
  const end = kernel.now + ACCOUNT;
  for (const namespace of namespaces) {
    for (let pause = 1_000; kernel.now < end; pause *= 2) {
      try {
        yield* api.serviceaccounts.get({ namespace, name: 'default' });
        break;
      } catch (error) {
        if (codeOf(error) !== 'NotFound') throw error;
        yield* sleep(pause);
      }
    }
  }
}
