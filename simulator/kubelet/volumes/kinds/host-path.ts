import type { FileSystem } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import type { HostPathVolumeSource } from '@slipway/kube';
import { VolumeError } from '../volume-error.ts';
import type { VolumeSpec } from '../volume-spec.ts';
import type { SetUpRequest, VolumeKind } from './volume-kind.ts';

const sourceOf = ({ volume, persistentVolume }: VolumeSpec): HostPathVolumeSource | undefined =>
  persistentVolume ? persistentVolume.spec.hostPath : volume?.hostPath;

/** A path of the node itself, of a pod or of a persistent volume. Source: `pkg/volume/hostpath`. */
export class HostPath implements VolumeKind {
  readonly name = 'kubernetes.io/host-path';
  readonly takesMountOptions = false;
  readonly #files: FileSystem;

  constructor(files: FileSystem) {
    this.#files = files;
  }

  supports(spec: VolumeSpec): boolean {
    return sourceOf(spec) !== undefined;
  }

  path(_uid: string, spec: VolumeSpec): string {
    return sourceOf(spec)?.path ?? '';
  }

  *setUp({ spec }: SetUpRequest): Process {
    const source = sourceOf(spec);
    if (source) checkHostPath(this.#files, source);
  }

  /** What is on the node stays there. */
  *tearDown(): Process {}

  /** It has no directory among the pod's, so nothing is ever found of it. */
  restore(): undefined {
    return undefined;
  }
}

/** Source: `pkg/volume/hostpath/host_path.go` checkType. */
function checkHostPath(files: FileSystem, { path, type }: HostPathVolumeSource): void {
  const kind = files.exists(path) ? files.status(path).kind : undefined;
  const refuse = (what: string): never => {
    throw new VolumeError(`hostPath type check failed: ${path} is not a ${what}`);
  };
  switch (type) {
    case 'DirectoryOrCreate':
      if (kind === undefined) files.makeDirectory(path, { recursive: true });
      else if (kind !== 'directory') refuse('directory');
      break;
    case 'FileOrCreate':
      if (kind === undefined) files.write(path, '');
      else if (kind !== 'file') refuse('file');
      break;
    case 'Directory':
      if (kind !== 'directory') refuse('directory');
      break;
    case 'File':
      if (kind !== 'file') refuse('file');
      break;
    case 'Socket':
    case 'CharDevice':
    case 'BlockDevice':
      // Sockets and devices are no files here; what is there under the name has to do.
      if (kind === undefined) refuse(type === 'Socket' ? 'socket' : type === 'CharDevice' ? 'character device' : 'block device');
      break;
    case '':
    case undefined:
      break;
  }
}
