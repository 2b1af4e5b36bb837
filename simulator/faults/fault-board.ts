/** Everything that is wrong on purpose in one world. */
export interface FaultBoard {
  /** @param fault which calls, at which arrow, how often; `node` is the name of a node. Returns the name under which it is healed. */
  set(fault: PlannedFault): string;
  /** Cuts a node off. Returns the name under which it is healed. */
  partition(partition: PlannedPartition): string;
  /** @throws Error when there is nothing of this name. */
  heal(name: string): void;
  healAll(): void;
}

export interface PlannedFault {
  readonly name?: string;
}

export interface PlannedPartition {
  readonly name?: string;
  readonly node: string;
}
