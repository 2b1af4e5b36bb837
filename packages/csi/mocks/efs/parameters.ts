import { hashText } from '@slipway/kernel';
import { CsiError } from '../../errors.ts';
import type { CreateVolumeRequest, VolumeCapability } from '../../messages/index.ts';

// Source of names and messages: aws-efs-csi-driver pkg/driver/controller.go, node.go.

/** What a StorageClass says of a volume. */
export interface VolumeParameters {
  /** Left out: the cluster's own. */
  readonly fileSystemId?: string;
  readonly rootDirectory: string;
  /** Parameters that are taken and do nothing: files have no owners and modes here. */
  readonly ignored: readonly string[];
}

const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'az',
  'directoryPerms',
  'enableTagging',
  'enforceZoneAffinity',
  'gid',
  'gidRangeEnd',
  'gidRangeStart',
  'reuseAccessPoint',
  'uid',
]);

const COMPONENTS: Readonly<Record<string, string>> = {
  '.PVC.name': 'csi.storage.k8s.io/pvc/name',
  '.PVC.namespace': 'csi.storage.k8s.io/pvc/namespace',
  '.PV.name': 'csi.storage.k8s.io/pv/name',
};

const refuse = (message: string): never => {
  throw new CsiError('INVALID_ARGUMENT', message);
};

/** @throws CsiError INVALID_ARGUMENT */
export function volumeParameters({ name, parameters = {} }: CreateVolumeRequest): VolumeParameters {
  const { provisioningMode, fileSystemId, basePath = '', subPathPattern } = parameters;
  // Upstream insists on the parameter; a class that leaves it out can mean nothing else here.
  if (provisioningMode !== undefined && provisioningMode !== 'efs-ap')
    return refuse(
      `Provisioning mode ${provisioningMode} is not supported. Only Access point provisioning 'efs-ap' or 's3files-ap' are supported`,
    );
  const folder = subPathPattern === undefined ? folderOf(name) : uniqueFolder(subPathPattern, name, parameters);
  const rootDirectory = `/${[...basePath.split('/'), ...folder.split('/')].filter((part) => part !== '').join('/')}`;
  if (rootDirectory.length > 100) refuse(`Proposed path '${rootDirectory}' exceeds file system limit of 100 characters`);
  if (rootDirectory.split('/').length - 1 > 5) refuse(`Proposed path '${rootDirectory}' file system limit of 4 subdirectories`);
  const ignored = Object.keys(parameters).filter((key) => WITHOUT_EFFECT.has(key));
  return { ...(fileSystemId === undefined ? {} : { fileSystemId }), rootDirectory, ignored };
}

/** The name itself, as upstream has it; one too long for the server is cut and told apart by a hash of the whole. */
function folderOf(name: string): string {
  if (name.length <= 63) return name;
  return `${name.slice(0, 46)}-${[1, 2].map((salt) => hashText(name, salt).toString(16).padStart(8, '0')).join('')}`;
}

/** Upstream makes the folder unique with a UUID that it draws, so that a retry asks for another one; the volume's name does as well. */
function uniqueFolder(pattern: string, name: string, parameters: Readonly<Record<string, string>>): string {
  const folder = pattern.replace(/\$\{([^}]*)\}/g, (whole, component: string) => parameters[COMPONENTS[component] ?? ''] ?? whole);
  if (folder.includes('${') || folder.includes('}'))
    refuse(`Path specified "${pattern}" contains invalid elements. Can only contain [${Object.keys(COMPONENTS).sort().join(' ')}]`);
  return parameters['ensureUniqueDirectory'] === 'false' ? folder : `${folder}-${name}`;
}

/** What is wrong with how a volume shall be used; undefined: nothing. */
export function unsupported(capabilities: readonly VolumeCapability[]): string | undefined {
  const modes = capabilities.map(({ accessMode }) => accessMode.mode);
  const strange = modes.filter((mode) => mode !== 'SINGLE_NODE_WRITER' && mode !== 'MULTI_NODE_MULTI_WRITER');
  if (strange.length > 0) return `invalid access mode: ${strange.join(',')}`;
  return capabilities.some((capability) => 'block' in capability) ? 'only filesystem volumes are supported' : undefined;
}

/** File system types that the driver does not mount. */
export function strangeTypes(capabilities: readonly VolumeCapability[]): readonly string[] {
  const types = capabilities.map((capability) => ('mount' in capability ? (capability.mount.fsType ?? '') : ''));
  return types.filter((type) => type !== '' && type !== 'efs');
}
