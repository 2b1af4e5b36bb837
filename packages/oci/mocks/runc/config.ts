import type { Host, NetworkNamespace, ProcessMount } from '@slipway/host';
import { normalPath } from '@slipway/host';
import { codeOf, messageOf } from '@slipway/kernel';
import type { CreateRequest } from '../../runtime/contract.ts';
import { OciRuntimeError } from '../../runtime/errors.ts';
import { namespaceTypes } from '../../runtime/linux.ts';
import type { Hook, MountSpec, RuntimeSpec } from '../../runtime/spec.ts';

const ID = /^[\w+.-]+$/;

/** @throws OciRuntimeError ID_REQUIRED, ID_INVALID. As runc's validateID (libcontainer/factory_linux.go). */
export function checkId(id: string): void {
  if (!id) throw new OciRuntimeError('ID_REQUIRED');
  if (!ID.test(id) || id === '.' || id === '..' || id.length > 1024) throw new OciRuntimeError('ID_INVALID');
}

/**
 * The bundle's configuration, checked as far as it does not depend on the machine.
 *
 * @throws OciRuntimeError BUNDLE_REQUIRED, CONFIG_INVALID
 */
export function loadSpec(host: Host, { bundle, spec }: CreateRequest): RuntimeSpec {
  if (!bundle) throw new OciRuntimeError('BUNDLE_REQUIRED');
  if (!bundle.startsWith('/')) throw invalid(`bundle path "${bundle}" is not absolute`);
  const loaded = spec ?? readSpec(host, `${bundle}/config.json`);
  const wrong = whatIsWrong(loaded);
  if (wrong !== undefined) throw invalid(wrong);
  return loaded;
}

function readSpec(host: Host, path: string): RuntimeSpec {
  let text: string;
  try {
    text = host.files.readText(path);
  } catch (error) {
    throw invalid(codeOf(error) === 'ENOENT' ? `JSON specification file ${path} not found` : messageOf(error));
  }
  try {
    return JSON.parse(text) as RuntimeSpec;
  } catch (error) {
    throw invalid(`${path}: ${messageOf(error)}`);
  }
}

function whatIsWrong(spec: RuntimeSpec): string | undefined {
  if (spec === null || typeof spec !== 'object') return 'config cannot be null';
  if (!spec.ociVersion) return 'ociVersion must not be empty';
  if (!spec.root?.path) return 'root must be specified';
  if (spec.process !== undefined) {
    if (!spec.process.cwd) return 'Cwd property must not be empty';
    if (!spec.process.cwd.startsWith('/')) return 'Cwd must be an absolute path';
    if ((spec.process.args?.length ?? 0) === 0) return 'args must not be empty';
  }
  return mountsWrong(spec.mounts ?? []) ?? namespacesWrong(spec) ?? hooksWrong(Object.values(spec.hooks ?? {}).flat());
}

function mountsWrong(mounts: readonly MountSpec[]): string | undefined {
  const relative = mounts.find(({ destination }) => !destination?.startsWith('/'));
  return relative && `mount destination ${relative.destination} is not absolute`;
}

function namespacesWrong({ linux }: RuntimeSpec): string | undefined {
  const seen = new Set<string>();
  for (const { type } of linux?.namespaces ?? []) {
    if (!namespaceTypes.includes(type)) return `namespace "${type}" does not exist`;
    if (seen.has(type)) return `malformed spec file: duplicated ns "${type}"`;
    seen.add(type);
  }
  return undefined;
}

function hooksWrong(hooks: readonly Hook[]): string | undefined {
  const relative = hooks.find(({ path }) => !path?.startsWith('/'));
  if (relative) return `hook path "${relative.path}" is not absolute`;
  const hasty = hooks.find(({ timeout }) => timeout !== undefined && timeout <= 0);
  return hasty && `hook ${hasty.path}: timeout must be greater than zero`;
}

/**
 * Where the container's network is: one that is joined by path, a new one of its own, or the machine's. `made` is the path of a new one.
 *
 * @param own path of a new one
 * @throws OciRuntimeError CONFIG_INVALID (nothing at the path)
 */
export function openNetwork(host: Host, spec: RuntimeSpec, own: string): { readonly netns: NetworkNamespace; readonly made?: string } {
  const namespace = spec.linux?.namespaces?.find(({ type }) => type === 'network');
  if (namespace === undefined) return { netns: host.network.root };
  if (namespace.path) {
    const netns = host.network.get(namespace.path);
    if (!netns) throw invalid(`lstat ${namespace.path}: no such file or directory`);
    return { netns };
  }
  return { netns: host.network.create(own), made: own };
}

/**
 * The bind mounts among a container's mounts; memory and kernel file systems are the container's own affair.
 *
 * @throws OciRuntimeError CONFIG_INVALID (no such source)
 */
export function bindMounts(host: Host, bundle: string, mounts: readonly MountSpec[]): readonly ProcessMount[] {
  return mounts.filter(isBind).map(({ source = '', destination, options = [] }) => {
    const path = normalPath(source, bundle);
    if (!host.files.exists(path)) {
      throw new OciRuntimeError(
        'CONFIG_INVALID',
        `unable to start container process: error during container init: error mounting "${path}" to rootfs at "${destination}": no such file or directory`,
      );
    }
    return {
      source: path,
      destination,
      readOnly: options.includes('ro'),
      propagated: options.some((option) => /^r?(shared|slave)$/.test(option)),
    };
  });
}

const isBind = ({ type, options }: MountSpec): boolean =>
  type === 'bind' || (options?.some((option) => option === 'bind' || option === 'rbind') ?? false);

const invalid = (what: string): OciRuntimeError => new OciRuntimeError('CONFIG_INVALID', what);
