import { type FileSystem, type Host, parseIp } from '@slipway/host';

/** An address that a file on a machine says is taken. */
export interface Noted {
  readonly address: string;
  /** Id of the sandbox that has it. */
  readonly containerId: string;
}

/**
 * Folders where plugins that keep to the ways of the reference IPAM, or nearly, note who has which address: one file for each, named
 * like the address, beginning with the sandbox's id.
 */
const foldersOf = (network: string, type: string): readonly string[] => [
  `/var/lib/cni/networks/${network}`,
  `/var/lib/cni/networks/${type}`,
  `/var/lib/cni/${network}`,
  `/var/lib/cni/${type}`,
  `/var/lib/${network}`,
  `/var/lib/${type}`,
];

interface Notebook {
  readonly network: string;
  readonly type: string;
}

/** All that a machine's files say of one network. */
export function* notedOn({ files }: Host, { network, type }: Notebook): Generator<Noted> {
  for (const folder of new Set(foldersOf(network, type))) {
    if (!files.exists(folder) || files.status(folder).kind !== 'directory') continue;
    for (const { name, text } of files.texts(folder)) {
      const containerId = parseIp(name) ? holderOf(text) : undefined;
      if (containerId !== undefined) yield { address: name, containerId };
    }
  }
}

/** Those of these addresses that the machine's files say this sandbox still has. */
export function stillNoted({ files }: Host, notebook: Notebook, containerId: string, addresses: readonly string[]): readonly string[] {
  const paths = foldersOf(notebook.network, notebook.type);
  return addresses.filter((address) => paths.some((folder) => holderIn(files, `${folder}/${address}`) === containerId));
}

function holderIn(files: FileSystem, path: string): string | undefined {
  return files.exists(path) && files.status(path).kind === 'file' ? holderOf(files.readText(path)) : undefined;
}

const holderOf = (text: string): string | undefined => /^[\w.-]+/.exec(text)?.[0];
