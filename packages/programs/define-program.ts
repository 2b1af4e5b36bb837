import type { Program } from '@slipway/host';

/** A program and the images that it is in. */
export interface ImageProgram extends Program {
  /**
   * Image names without registry host, tag and digest (`nginx`, `bitnami/redis`); `*` and `?` as in a shell. One without a slash fits
   * the last part of a name, whoever published it.
   */
  readonly images: readonly string[];
  /** Names of its executables: a container or script that starts one of these runs the program too. */
  readonly commands?: readonly string[];
}

/**
 * Declares what the containers of some images do.
 *
 * `exec` may be left out: commands then run in a small shell with the container's files and network.
 */
export function defineProgram(program: ImageProgram): ImageProgram {
  if (program.images.length === 0 && (program.commands?.length ?? 0) === 0)
    throw new RangeError(`program ${program.name} names neither images nor commands`);
  return program;
}
