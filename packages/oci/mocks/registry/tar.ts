import { encode } from '../../digest.ts';

/** Longest path that one header holds without its prefix field. */
export const LONGEST_PATH = 100;

/**
 * A tar archive of one empty file: a POSIX ustar header, which is all that a layer needs to be true. It ends where its bytes end; the two
 * empty blocks that writers add are for tapes, readers take the end of the input as well, and hashing them would triple the cost of an image.
 */
export function tarOf(path: string): Uint8Array {
  const header = new Uint8Array(512);
  const field = (at: number, value: string): void => header.set(encode(value), at);
  field(0, path.slice(0, LONGEST_PATH));
  field(100, '0000644\0');
  field(108, '0000000\0');
  field(116, '0000000\0');
  field(124, '00000000000\0');
  field(136, '00000000000\0');
  // The checksum is taken with its own field full of spaces.
  field(148, '        ');
  field(156, '0');
  field(257, 'ustar\x0000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  field(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}
