import type { Status, StatusCode } from './status.ts';
import { unschedulableAndUnresolvable } from './status.ts';

/** One node's refusal and who refused. */
export interface NodeVerdict {
  readonly nodeName: string;
  readonly status: Status;
  readonly plugin: string;
}

/**
 * Why nodes were refused, in the order in which they were looked at. Nodes that were not looked at have one status in common.
 * Source: `pkg/scheduler/framework/types.go` NodeToStatus.
 */
export class NodeToStatus {
  readonly #verdicts: NodeVerdict[] = [];
  readonly #byName = new Map<string, NodeVerdict>();
  /** What holds for nodes without a verdict of their own. */
  absent: Status = unschedulableAndUnresolvable();

  get size(): number {
    return this.#verdicts.length;
  }

  get verdicts(): readonly NodeVerdict[] {
    return this.#verdicts;
  }

  set(nodeName: string, status: Status, plugin: string): void {
    const verdict: NodeVerdict = { nodeName, status, plugin };
    const known = this.#byName.get(nodeName);
    if (known) this.#verdicts[this.#verdicts.indexOf(known)] = verdict;
    else this.#verdicts.push(verdict);
    this.#byName.set(nodeName, verdict);
  }

  get(nodeName: string): Status {
    return this.#byName.get(nodeName)?.status ?? this.absent;
  }

  /** Does the node's status have this code? */
  has(nodeName: string, code: StatusCode): boolean {
    return this.get(nodeName).code === code;
  }
}
