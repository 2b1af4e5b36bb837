import { type FileSystem, formatIp, type Ip, parseIp } from '@slipway/host';
import type { Attachment } from '../../contract.ts';

/** An address that is taken, and by whom. */
export interface Reservation {
  readonly address: string;
  readonly containerId: string;
  /** Empty in files that host-local wrote before it knew interfaces. */
  readonly ifname: string;
}

const LINE_BREAK = '\r\n';

/**
 * Which addresses of a network are taken: one file per address in `<data dir>/<network>`, holding the container's id and the interface.
 * The files are all there is: they outlive power, and who tampers with them changes what is handed out. Source:
 * containernetworking/plugins plugins/ipam/host-local/backend/disk/backend.go.
 */
export class Reservations {
  readonly #files: FileSystem;
  readonly #directory: string;

  constructor(files: FileSystem, dataDirectory: string, network: string) {
    this.#files = files;
    this.#directory = `${dataDirectory}/${network}`;
  }

  /** Takes the address, unless it is taken. */
  reserve(ip: Ip, { containerID, ifname }: Attachment, rangeSet: number): boolean {
    const address = formatIp(ip);
    const file = `${this.#directory}/${address}`;
    if (this.#files.exists(file)) return false;
    try {
      this.#files.write(file, `${containerID}${LINE_BREAK}${ifname}`, { parents: true });
      this.#files.write(this.#lastFile(rangeSet), address);
    } catch (error) {
      // A full disk has room for an empty file still, which would take the address for ever. Upstream keeps it after the second write.
      this.#files.remove(file, { recursive: true });
      throw error;
    }
    return true;
  }

  /** The address that was handed out last from a pool. */
  last(rangeSet: number): Ip | undefined {
    const file = this.#lastFile(rangeSet);
    return this.#files.exists(file) ? parseIp(this.#files.readText(file)) : undefined;
  }

  /** Everything that is taken, by file name. */
  list(): readonly Reservation[] {
    return this.#holding('');
  }

  /** What an attachment holds. */
  heldBy({ containerID, ifname }: Attachment): readonly Reservation[] {
    return this.#holding(containerID).filter((held) => held.containerId === containerID && (held.ifname === ifname || held.ifname === ''));
  }

  /** Gives an address back. */
  release({ address }: Reservation): void {
    this.#files.remove(`${this.#directory}/${address}`);
  }

  /** Reservations whose file begins with this: nearly all files are somebody else's, and need no closer look. */
  #holding(beginning: string): readonly Reservation[] {
    if (!this.#files.exists(this.#directory)) return [];
    const found: Reservation[] = [];
    for (const { name: address, text } of this.#files.texts(this.#directory)) {
      if (!text.trimStart().startsWith(beginning) || !parseIp(address)) continue;
      const [containerId = '', ifname = ''] = text.trim().split(LINE_BREAK);
      found.push({ address, containerId, ifname });
    }
    return found;
  }

  #lastFile(rangeSet: number): string {
    return `${this.#directory}/last_reserved_ip.${rangeSet}`;
  }
}
