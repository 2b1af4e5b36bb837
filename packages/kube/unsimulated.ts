import { kindOf, kinds } from './kinds.ts';
import { isQuotaNameOf } from './quota/index.ts';
import type { KubeObject } from './types/index.ts';

/** A field that an object sets and that nothing in the cluster acts on. */
export interface UnsimulatedField {
  /** Path such as `spec.template.spec.containers[0].stdin`; `kind` when the whole kind is only stored. */
  readonly field: string;
  /** One sentence that says what happens instead. */
  readonly message: string;
}

/** A path with `[*]` for every element and `*` for every member, and why it is without effect. */
export interface UnsimulatedPattern {
  readonly path: string;
  readonly message: string;
  /** Only these values are without effect; by default any value but one that says "off". */
  readonly when?: (value: unknown) => boolean;
}

const is =
  (...values: readonly unknown[]): ((value: unknown) => boolean) =>
  (value) =>
    values.includes(value);

const securityFields = [
  'seccompProfile',
  'seLinuxOptions',
  'appArmorProfile',
  'capabilities',
  'procMount',
  'windowsOptions',
  'sysctls',
] as const;

const securityPatterns: readonly UnsimulatedPattern[] = securityFields.map((field) => ({
  path: `securityContext.${field}`,
  message: `${field} is kept but not enforced`,
}));

const containerPatterns: readonly UnsimulatedPattern[] = [
  ...securityPatterns,
  { path: 'stdin', message: 'containers have no standard input' },
  { path: 'stdinOnce', message: 'containers have no standard input' },
  { path: 'tty', message: 'containers have no terminal' },
  { path: 'resizePolicy', message: 'pods are not resized in place' },
  {
    path: 'restartPolicyRules[*].action',
    message: 'restarting all containers of a pod is not simulated',
    when: is('RestartAllContainers'),
  },
  { path: 'env[*].valueFrom.fileKeyRef', message: 'env files are not read' },
  { path: 'resources.claims', message: 'device claims are not simulated' },
  { path: 'volumeDevices', message: 'block volumes are not simulated' },
  { path: 'volumeMounts[*].mountPropagation', message: 'mounts do not propagate', when: is('HostToContainer', 'Bidirectional') },
  { path: 'volumeMounts[*].recursiveReadOnly', message: 'recursive read-only mounts are not simulated', when: is('IfPossible', 'Enabled') },
];

/** File servers stand in the cloud; a host of any other name answers nobody. */
const isForeignServer = (source: unknown): boolean => !String((source as { server?: unknown } | null)?.server).endsWith('.amazonaws.com');
const NFS = 'only file servers of the simulated cloud can be mounted';

/** A claim may be filled from a snapshot or another claim, where its driver can. */
const needsPopulator = (source: unknown): boolean =>
  !['VolumeSnapshot', 'PersistentVolumeClaim'].includes(String((source as { kind?: unknown } | null)?.kind));
const NO_POPULATOR = 'volume populators are not simulated';

const legacyVolumes = [
  'iscsi',
  'fc',
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
] as const;

/** Patterns below a pod's spec, wherever that is. */
export const podPatterns: readonly UnsimulatedPattern[] = [
  ...['containers[*]', 'initContainers[*]', 'ephemeralContainers[*]'].flatMap((list) =>
    containerPatterns.map((pattern) => ({ ...pattern, path: `${list}.${pattern.path}` })),
  ),
  ...securityPatterns,
  { path: 'hostPID', message: 'process namespaces of the host are not simulated' },
  { path: 'hostIPC', message: 'IPC namespaces are not simulated' },
  { path: 'hostUsers', message: 'user namespaces are not simulated', when: is(false) },
  { path: 'shareProcessNamespace', message: "containers do not see each other's processes" },
  { path: 'resourceClaims', message: 'device claims are not simulated' },
  { path: 'schedulingGroup', message: 'pods are scheduled one by one' },
  { path: 'os.name', message: 'only Linux nodes are simulated', when: is('windows') },
  { path: 'volumes[*].nfs', message: NFS, when: isForeignServer },
  { path: 'volumes[*].image', message: 'image volumes are not simulated' },
  {
    path: 'volumes[*].emptyDir.medium',
    message: "huge pages are not simulated: the emptyDir is kept on the node's disk",
    when: (value) => String(value).startsWith('HugePages'),
  },
  { path: 'volumes[*].emptyDir.sizeLimit', message: 'the size of an emptyDir is not bounded' },
  { path: 'volumes[*].projected.sources[*].clusterTrustBundle', message: 'trust bundles are not simulated' },
  { path: 'volumes[*].projected.sources[*].podCertificate', message: 'pod certificates are not simulated' },
  ...legacyVolumes.map((source) => ({
    path: `volumes[*].${source}`,
    message: `${source} volumes are not simulated: use a claim with a CSI driver`,
  })),
];

/** Where the pod's spec is, in the kinds that have one. */
export const podSpecPaths: Readonly<Record<string, string>> = {
  Pod: 'spec',
  PodTemplate: 'template.spec',
  Deployment: 'spec.template.spec',
  ReplicaSet: 'spec.template.spec',
  DaemonSet: 'spec.template.spec',
  StatefulSet: 'spec.template.spec',
  Job: 'spec.template.spec',
  CronJob: 'spec.jobTemplate.spec.template.spec',
};

/** Whether a quota bounds what nobody counts. */
function boundsUnknown(hard: unknown): boolean {
  return Object.keys(hard ?? {}).some((name) => !kinds.some((kind) => kind.namespaced && isQuotaNameOf(name, kind)));
}

/** Patterns of each kind beside those of its pods. */
export const kindPatterns: Readonly<Record<string, readonly UnsimulatedPattern[]>> = {
  Service: [
    { path: 'spec.trafficDistribution', message: 'traffic is spread over all pods alike' },
    { path: 'spec.externalIPs', message: 'external addresses are not routed' },
    { path: 'spec.loadBalancerIP', message: 'the cloud chooses the address of a balancer' },
    { path: 'spec.ipFamilyPolicy', message: 'services have one address family', when: is('PreferDualStack', 'RequireDualStack') },
  ],
  PersistentVolumeClaim: [
    { path: 'spec.dataSource', message: NO_POPULATOR, when: needsPopulator },
    { path: 'spec.dataSourceRef', message: NO_POPULATOR, when: needsPopulator },
    { path: 'spec.volumeAttributesClassName', message: 'volume attributes are not simulated' },
    { path: 'spec.volumeMode', message: 'block volumes are not simulated', when: is('Block') },
  ],
  PersistentVolume: [
    { path: 'spec.volumeMode', message: 'block volumes are not simulated', when: is('Block') },
    { path: 'spec.volumeAttributesClassName', message: 'volume attributes are not simulated' },
    { path: 'spec.nfs', message: NFS, when: isForeignServer },
    ...legacyVolumes.map((source) => ({ path: `spec.${source}`, message: `${source} volumes are not simulated: use csi` })),
  ],
  StatefulSet: [
    { path: 'spec.updateStrategy.rollingUpdate.maxUnavailable', message: 'pods are updated one at a time' },
    { path: 'spec.volumeClaimTemplates[*].spec.dataSource', message: NO_POPULATOR, when: needsPopulator },
    { path: 'spec.volumeClaimTemplates[*].spec.volumeMode', message: 'block volumes are not simulated', when: is('Block') },
  ],
  CronJob: [{ path: 'spec.timeZone', message: 'schedules are read in UTC', when: (value) => value !== 'UTC' && value !== 'Etc/UTC' }],
  ResourceQuota: [{ path: 'spec.hard', message: 'bounds of custom kinds and of unknown names are not watched', when: boundsUnknown }],
  Node: [{ path: 'spec.configSource', message: 'kubelets are not configured through the API' }],
};

/** A pattern, its path cut into steps once: `[*]` goes to every element, `*` to every member, any other to the member of that name. */
interface Cut extends UnsimulatedPattern {
  readonly steps: readonly string[];
}

function cut(pattern: UnsimulatedPattern): Cut {
  return { ...pattern, steps: pattern.path.replaceAll('[*]', '.[*]').split('.') };
}

const podCuts: readonly Cut[] = podPatterns.map(cut);
const kindCuts: ReadonlyMap<string, readonly Cut[]> = new Map(
  Object.entries(kindPatterns).map(([kind, patterns]) => [kind, patterns.map(cut)]),
);

/** What the object asks for and will not get, one warning for each field. Custom kinds are for their own controllers to judge. */
export function findUnsimulated(object: KubeObject): readonly UnsimulatedField[] {
  const kind = kindOf(object.apiVersion, object.kind);
  if (kind === undefined) return [];
  if (kind.simulated === 'stored') return [{ field: 'kind', message: `${object.kind} is stored, but nothing in the cluster acts on it` }];
  const found: UnsimulatedField[] = [];
  for (const pattern of kindCuts.get(object.kind) ?? []) visit(object, pattern, 0, '', found);
  const podSpecPath = Object.hasOwn(podSpecPaths, object.kind) ? podSpecPaths[object.kind] : undefined;
  if (podSpecPath !== undefined) {
    let podSpec: unknown = object;
    for (const step of podSpecPath.split('.')) podSpec = (podSpec as Readonly<Record<string, unknown>> | undefined)?.[step];
    for (const pattern of podCuts) visit(podSpec, pattern, 0, podSpecPath, found);
  }
  return found;
}

function visit(value: unknown, pattern: Cut, depth: number, at: string, found: UnsimulatedField[]): void {
  const step = pattern.steps[depth];
  if (step === undefined) {
    if ((pattern.when ?? isSet)(value)) found.push({ field: at, message: pattern.message });
  } else if (step === '[*]') {
    if (Array.isArray(value)) for (const [index, element] of value.entries()) visit(element, pattern, depth + 1, `${at}[${index}]`, found);
  } else if (typeof value === 'object' && value !== null) {
    const members = value as Readonly<Record<string, unknown>>;
    for (const key of step === '*' ? Object.keys(members) : [step]) {
      if (Object.hasOwn(members, key)) visit(members[key], pattern, depth + 1, at === '' ? key : `${at}.${key}`, found);
    }
  }
}

/** Whether a value asks for something: not absent, not false, not empty. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return true;
}
