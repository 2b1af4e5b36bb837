import type { KubeObject, Stored } from '@slipway/kube';
import { rulesOf } from './kind-rules.ts';
import type { Machinery } from './machinery.ts';
import type { Table } from './table.ts';

/** Takes an object out of the store, and frees in the same step what it held: addresses, ports, the kinds that it defines. */
export function removeObject(machinery: Machinery, table: Table, old: Stored<KubeObject>, verb: string): Stored<KubeObject> {
  const gone = machinery.store.remove(table, old, verb);
  rulesOf(table).removed?.(gone, machinery);
  return gone;
}
