import type { Descriptor, Manifest } from './contract.ts';
import { SIMULATED_SIZE } from './contract.ts';

/**
 * How many bytes the content would have in life: what its annotation `dev.slipway.size` says, else its true `size`. For times of
 * pulls, free disk and the scheduler's ImageLocality; never for checking content.
 */
export function simulatedSize(descriptor: Descriptor): number {
  const told = descriptor.annotations?.[SIMULATED_SIZE];
  return told !== undefined && /^[0-9]{1,15}$/.test(told) ? Number(told) : descriptor.size;
}

/** Compressed size of an image in life, in bytes: config and layers, as containerd counts it. */
export const simulatedImageSize = (manifest: Manifest): number =>
  manifest.layers.reduce((sum, layer) => sum + simulatedSize(layer), simulatedSize(manifest.config));
