import type { Host } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import type { CriServices } from '@slipway/cri';
import type { FaultBoard } from '../faults/index.ts';
import type { Cluster } from '../manifests/cluster.ts';
import type { Traffic } from '../traffic/index.ts';
import type { NodesDocument, RestartDocument } from './schema.ts';

/** A machine, as a scenario handles it. */
export interface ScenarioNode {
  readonly name: string;
  readonly host: Host;
  readonly cri: CriServices | undefined;
  powerOff(): void;
  powerOn(): void;
}

/** What performing a scenario needs of a world. */
export interface ScenarioCluster extends Cluster {
  readonly nodes: ReadonlyMap<string, ScenarioNode>;
  readonly traffic: Traffic;
  readonly faults: FaultBoard;
  /** Makes machines and switches them on; answers their names. */
  addNodes(document: NodesDocument): readonly string[];
  /** Takes a machine away for good. */
  removeNode(name: string): void;
  /** Puts right whatever is wrong on purpose: every fault heals, every machine has power. */
  calm(): void;
  /** Whether everything holds that has to hold once the calm is over. Only looks. */
  isConverged(): boolean;
  /** Judges what has to hold once the calm is over. */
  afterCalm(): void;
  /** Ends a part and starts it anew. `node` is resolved to a name. @throws Error for a part that there is not */
  restart(what: Omit<RestartDocument, 'node'> & { readonly node?: string }): Process;
}
