import type { RuntimeSpec } from '@slipway/oci';
import type { RuntimeCore } from '../core.ts';

/** Folder that a container's bundle is in, named by its id. */
export const bundleOf = ({ flavour }: RuntimeCore, id: string): string => `${flavour.bundles}/${id}`;

/** Writes `config.json` and makes the root's place. Returns the folder. */
export function writeBundle(core: RuntimeCore, id: string, spec: RuntimeSpec): string {
  const folder = bundleOf(core, id);
  core.host.files.makeDirectory(`${folder}/rootfs`, { recursive: true });
  core.host.files.write(`${folder}/config.json`, JSON.stringify(spec));
  return folder;
}

/**
 * Removes `config.json` once the OCI runtime has read it: nobody reads it again, and a big cluster has hundreds of thousands. In life the
 * file stays.
 */
export function dropConfig(core: RuntimeCore, id: string): void {
  core.host.files.remove(`${bundleOf(core, id)}/config.json`, { recursive: true });
}

/** Removes a bundle with everything in it. Safe to repeat. */
export function removeBundle(core: RuntimeCore, id: string): void {
  core.host.files.remove(bundleOf(core, id), { recursive: true });
}
