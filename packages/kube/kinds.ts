import type * as t from './types/index.ts';

/** What the API machinery has to know of a kind. Source: `pkg/apis/*` and the strategies in `pkg/registry/*`, Kubernetes 1.36. */
export interface Kind {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** `group/version`, or the version alone for the core group. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Lower-case plural: the name in URLs and error messages. */
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  /** `all` for what `kubectl get all` shows. */
  readonly categories: readonly string[];
  /** `metadata.generation` is 1 on create and grows with each change of the desired state; otherwise it stays absent. */
  readonly keepsGeneration: boolean;
  /** An update without resourceVersion is allowed. */
  readonly allowsUnconditionalUpdate: boolean;
  /** Status has a subresource of its own: main writes keep the stored status, and the other way round. */
  readonly statusSubresource: boolean;
  /** `scale` subresource. */
  readonly scalable: boolean;
  /** `stored`: kept and served, but nothing in the cluster acts on it. */
  readonly simulated: 'full' | 'stored';
}

/** The type of each built-in resource, by plural. */
export interface KindMap {
  readonly pods: t.Pod;
  readonly nodes: t.Node;
  readonly namespaces: t.Namespace;
  readonly services: t.Service;
  readonly serviceaccounts: t.ServiceAccount;
  readonly configmaps: t.ConfigMap;
  readonly secrets: t.Secret;
  readonly events: t.Event;
  readonly endpoints: t.Endpoints;
  readonly endpointslices: t.EndpointSlice;
  readonly leases: t.Lease;
  readonly deployments: t.Deployment;
  readonly replicasets: t.ReplicaSet;
  readonly daemonsets: t.DaemonSet;
  readonly statefulsets: t.StatefulSet;
  readonly controllerrevisions: t.ControllerRevision;
  readonly replicationcontrollers: t.ReplicationController;
  readonly podtemplates: t.PodTemplate;
  readonly jobs: t.Job;
  readonly cronjobs: t.CronJob;
  readonly persistentvolumes: t.PersistentVolume;
  readonly persistentvolumeclaims: t.PersistentVolumeClaim;
  readonly storageclasses: t.StorageClass;
  readonly volumeattachments: t.VolumeAttachment;
  readonly csinodes: t.CSINode;
  readonly csidrivers: t.CSIDriver;
  readonly csistoragecapacities: t.CSIStorageCapacity;
  readonly volumeattributesclasses: t.VolumeAttributesClass;
  readonly priorityclasses: t.PriorityClass;
  readonly poddisruptionbudgets: t.PodDisruptionBudget;
  readonly horizontalpodautoscalers: t.HorizontalPodAutoscaler;
  readonly networkpolicies: t.NetworkPolicy;
  readonly ingresses: t.Ingress;
  readonly ingressclasses: t.IngressClass;
  readonly resourcequotas: t.ResourceQuota;
  readonly limitranges: t.LimitRange;
  readonly roles: t.Role;
  readonly rolebindings: t.RoleBinding;
  readonly clusterroles: t.ClusterRole;
  readonly clusterrolebindings: t.ClusterRoleBinding;
  readonly customresourcedefinitions: t.CustomResourceDefinition;
  readonly runtimeclasses: t.RuntimeClass;
}

/** Plural of a built-in resource. */
export type ResourceName = keyof KindMap;
/** Any built-in object. `kind` tells them apart. */
export type BuiltInObject = KindMap[ResourceName];

interface Traits {
  readonly short?: readonly string[];
  readonly cluster?: true;
  readonly all?: true;
  readonly generation?: true;
  readonly conditional?: true;
  readonly status?: true;
  readonly scale?: true;
  readonly stored?: true;
}

function builtIn(apiVersion: string, kind: string, plural: string, traits: Traits = {}): Kind {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    apiVersion,
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: traits.short ?? [],
    namespaced: traits.cluster !== true,
    categories: traits.all === true ? ['all'] : [],
    keepsGeneration: traits.generation === true,
    allowsUnconditionalUpdate: traits.conditional !== true,
    statusSubresource: traits.status === true,
    scalable: traits.scale === true,
    simulated: traits.stored === true ? 'stored' : 'full',
  };
}

const rbac = 'rbac.authorization.k8s.io/v1';
const storage = 'storage.k8s.io/v1';
const networking = 'networking.k8s.io/v1';
const resource = 'resource.k8s.io/v1';
const admission = 'admissionregistration.k8s.io/v1';

/** Every built-in kind, the typed ones first. */
export const kinds: readonly Kind[] = [
  builtIn('v1', 'Pod', 'pods', { short: ['po'], all: true, generation: true, status: true }),
  builtIn('v1', 'Node', 'nodes', { short: ['no'], cluster: true, status: true }),
  builtIn('v1', 'Namespace', 'namespaces', { short: ['ns'], cluster: true, status: true }),
  builtIn('v1', 'Service', 'services', { short: ['svc'], all: true, status: true }),
  builtIn('v1', 'ServiceAccount', 'serviceaccounts', { short: ['sa'] }),
  builtIn('v1', 'ConfigMap', 'configmaps', { short: ['cm'] }),
  builtIn('v1', 'Secret', 'secrets'),
  builtIn('v1', 'Event', 'events', { short: ['ev'] }),
  builtIn('v1', 'Endpoints', 'endpoints', { short: ['ep'], stored: true }),
  builtIn('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', { generation: true }),
  builtIn('coordination.k8s.io/v1', 'Lease', 'leases', { conditional: true }),
  builtIn('apps/v1', 'Deployment', 'deployments', { short: ['deploy'], all: true, generation: true, status: true, scale: true }),
  builtIn('apps/v1', 'ReplicaSet', 'replicasets', { short: ['rs'], all: true, generation: true, status: true, scale: true }),
  builtIn('apps/v1', 'DaemonSet', 'daemonsets', { short: ['ds'], all: true, generation: true, status: true }),
  builtIn('apps/v1', 'StatefulSet', 'statefulsets', {
    short: ['sts'],
    all: true,
    generation: true,
    status: true,
    scale: true,
  }),
  builtIn('apps/v1', 'ControllerRevision', 'controllerrevisions'),
  builtIn('v1', 'ReplicationController', 'replicationcontrollers', {
    short: ['rc'],
    all: true,
    generation: true,
    status: true,
    scale: true,
    stored: true,
  }),
  builtIn('v1', 'PodTemplate', 'podtemplates', { generation: true, stored: true }),
  builtIn('batch/v1', 'Job', 'jobs', { all: true, generation: true, status: true }),
  builtIn('batch/v1', 'CronJob', 'cronjobs', { short: ['cj'], all: true, generation: true, status: true }),
  builtIn('v1', 'PersistentVolume', 'persistentvolumes', { short: ['pv'], cluster: true, status: true }),
  builtIn('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', { short: ['pvc'], status: true }),
  builtIn(storage, 'StorageClass', 'storageclasses', { short: ['sc'], cluster: true }),
  builtIn(storage, 'VolumeAttachment', 'volumeattachments', { cluster: true, conditional: true, status: true }),
  builtIn(storage, 'CSINode', 'csinodes', { cluster: true, conditional: true }),
  builtIn(storage, 'CSIDriver', 'csidrivers', { cluster: true, conditional: true }),
  builtIn(storage, 'CSIStorageCapacity', 'csistoragecapacities', { conditional: true }),
  builtIn(storage, 'VolumeAttributesClass', 'volumeattributesclasses', { short: ['vac'], cluster: true, stored: true }),
  builtIn('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', { short: ['pc'], cluster: true, generation: true }),
  builtIn('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    short: ['pdb'],
    generation: true,
    conditional: true,
    status: true,
  }),
  builtIn('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    short: ['hpa'],
    all: true,
    status: true,
    stored: true,
  }),
  builtIn(networking, 'NetworkPolicy', 'networkpolicies', { short: ['netpol'], generation: true, stored: true }),
  builtIn(networking, 'Ingress', 'ingresses', { short: ['ing'], generation: true, status: true, stored: true }),
  builtIn(networking, 'IngressClass', 'ingressclasses', { cluster: true, generation: true, stored: true }),
  builtIn('v1', 'ResourceQuota', 'resourcequotas', { short: ['quota'], status: true }),
  builtIn('v1', 'LimitRange', 'limitranges', { short: ['limits'] }),
  builtIn(rbac, 'Role', 'roles', { stored: true }),
  builtIn(rbac, 'RoleBinding', 'rolebindings', { stored: true }),
  builtIn(rbac, 'ClusterRole', 'clusterroles', { cluster: true, stored: true }),
  builtIn(rbac, 'ClusterRoleBinding', 'clusterrolebindings', { cluster: true, stored: true }),
  builtIn('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    short: ['crd', 'crds'],
    cluster: true,
    generation: true,
    conditional: true,
    status: true,
  }),
  builtIn('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', { cluster: true, conditional: true }),
  // From here on: kept as they come, as `GenericObject`, with their metadata checked.
  builtIn(networking, 'IPAddress', 'ipaddresses', { short: ['ip'], cluster: true, stored: true }),
  builtIn(networking, 'ServiceCIDR', 'servicecidrs', { cluster: true, generation: true, status: true, stored: true }),
  builtIn(resource, 'ResourceClaim', 'resourceclaims', { status: true, stored: true }),
  builtIn(resource, 'ResourceClaimTemplate', 'resourceclaimtemplates', { stored: true }),
  builtIn(resource, 'ResourceSlice', 'resourceslices', { cluster: true, generation: true, stored: true }),
  builtIn(resource, 'DeviceClass', 'deviceclasses', { cluster: true, generation: true, stored: true }),
  builtIn(admission, 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
    cluster: true,
    generation: true,
    conditional: true,
    stored: true,
  }),
  builtIn(admission, 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
    cluster: true,
    generation: true,
    conditional: true,
    stored: true,
  }),
];

const byKind: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [`${kind.apiVersion}/${kind.kind}`, kind]));
const byPlural: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [kind.plural, kind]));

/** The built-in kind with exactly this apiVersion and kind. */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  return byKind.get(`${apiVersion}/${kind}`);
}

/** The kind of a built-in resource; `undefined` for any other plural. */
export function resourceOf(plural: ResourceName): Kind;
export function resourceOf(plural: string): Kind | undefined;
export function resourceOf(plural: string): Kind | undefined {
  return byPlural.get(plural);
}

/**
 * Finds a kind by what a person types: plural, singular, short name or kind, in any case, with an optional `.group`.
 *
 * @param among the kinds to look in, for clusters with custom ones
 */
export function findKind(text: string, among: readonly Kind[] = kinds): Kind | undefined {
  const wanted = text.toLowerCase();
  return among.find(({ plural, singular, shortNames, group }) =>
    [plural, singular, ...shortNames].some((name) => wanted === name || (group !== '' && wanted === `${name}.${group}`)),
  );
}

/** Kinds that a CustomResourceDefinition adds, one per served version, storage version first. */
export function customKinds(definition: t.CustomResourceDefinition): readonly Kind[] {
  const { group, names, scope, versions } = definition.spec;
  return versions
    .filter((version) => version.served)
    .sort((a, b) => Number(b.storage) - Number(a.storage))
    .map((version) => ({
      group,
      version: version.name,
      apiVersion: `${group}/${version.name}`,
      kind: names.kind,
      plural: names.plural,
      singular: names.singular ?? names.kind.toLowerCase(),
      shortNames: names.shortNames ?? [],
      namespaced: scope === 'Namespaced',
      categories: names.categories ?? [],
      keepsGeneration: true,
      allowsUnconditionalUpdate: false,
      statusSubresource: version.subresources?.status !== undefined,
      scalable: version.subresources?.scale !== undefined,
      simulated: 'full',
    }));
}

/** `deployments.apps`, or `pods` for the core group: how error messages name a resource. */
export function qualifiedResource(kind: Pick<Kind, 'group' | 'plural'>): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** `Deployment.apps`, or `Pod` for the core group: how validation messages name a kind. */
export function qualifiedKind(kind: Pick<Kind, 'group' | 'kind'>): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}
