import type { Host } from '@slipway/host';
import type { Client, ConformanceCase, Process, Random } from '@slipway/kernel';
import type { CsiController, CsiGroupController, CsiIdentity, CsiNode, CsiSnapshotMetadata } from '../contract.ts';
import type { VolumeCapability } from '../messages/index.ts';

/** A machine that the driver's node services run on. */
export interface CsiSubjectNode {
  readonly name: string;
  readonly host: Host;
  /** Read anew for every call, since `powerCycle` starts a new one. Left out, or undefined from a getter: a driver without node services. */
  readonly node?: Client<CsiNode> | undefined;
  /** The identity service beside it, read anew likewise. */
  readonly identity?: Client<CsiIdentity> | undefined;
  /** Power goes and comes back: disks and devices stay, mounts do not, and the driver's node services start anew. */
  powerCycle(): Promise<void>;
}

/** A whole driver that is to be judged. Each `connect` gives a fresh one, without volumes, over links without delay or faults. */
export interface CsiSubject {
  readonly identity: Client<CsiIdentity>;
  readonly controller?: Client<CsiController>;
  readonly groupController?: Client<CsiGroupController>;
  readonly snapshotMetadata?: Client<CsiSnapshotMetadata>;
  /** Two machines in one zone, so that both reach every volume; cases about moving are skipped with only one. */
  readonly nodes: readonly CsiSubjectNode[];
  /** For the cases that try random orders. */
  readonly random: Random;
  /** What `createVolume` needs, as a StorageClass has it. Left out: nothing. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Settings that `controllerModifyVolume` takes. Left out: cases that change a volume so are skipped. */
  readonly mutableParameters?: Readonly<Record<string, string>>;
  /** How volumes are used unless a case says otherwise. Left out: mounted, SINGLE_NODE_WRITER. */
  readonly volumeCapability?: VolumeCapability;
  /** Size of volumes unless a case says otherwise, in bytes; twice as much must be possible too. Left out: 10 GiB. */
  readonly capacityBytes?: number;
  /** Runs a process of the world to its end. */
  settle<T>(process: Process<T>): Promise<T>;
}

export type CsiCase = ConformanceCase<CsiSubject>;

export const GIB = 2 ** 30;
