import { cpuMillis, isQuantity, type KubeObject } from '@slipway/kube';
import type { Micros } from '@slipway/kernel';
import type { TrafficSplit } from '@slipway/smi';
import type { CommittedWrite } from '../../apiserver/index.ts';

/** A split as it is stored, since when. */
export interface StoredSplit {
  readonly split: TrafficSplit;
  readonly since: Micros;
}

/** Splits by their root service. */
export class Splits {
  readonly #byKey = new Map<string, StoredSplit>();
  readonly #byRoot = new Map<string, Map<string, StoredSplit>>();

  write({ type, object }: Pick<CommittedWrite, 'type' | 'object'>, now: Micros): void {
    const key = keyOf(object);
    const before = this.#byKey.get(key);
    if (before) this.#byRoot.get(rootOf(before.split))?.delete(key);
    this.#byKey.delete(key);
    if (type === 'DELETED') return;
    const stored = { split: object as TrafficSplit, since: now };
    this.#byKey.set(key, stored);
    const root = rootOf(stored.split);
    const others = this.#byRoot.get(root);
    if (others) others.set(key, stored);
    else this.#byRoot.set(root, new Map([[key, stored]]));
  }

  get(key: string): StoredSplit | undefined {
    return this.#byKey.get(key);
  }

  /** @param service `namespace/name` */
  of(service: string): readonly StoredSplit[] {
    return [...(this.#byRoot.get(service)?.values() ?? [])];
  }
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;
const rootOf = ({ metadata, spec }: TrafficSplit): string => `${metadata.namespace}/${spec?.service}`;

/** Weights by service; undefined with one that is no weight. SMI split v1alpha4, "Specification"; v1alpha1 writes quantities. */
export function weightsOf({ spec }: TrafficSplit): ReadonlyMap<string, number> | undefined {
  const weights = new Map<string, number>();
  for (const { service, weight } of spec?.backends ?? []) {
    const number = typeof weight === 'number' ? weight : isQuantity(weight) ? cpuMillis(weight) : Number.NaN;
    if (!Number.isFinite(number) || number < 0) return undefined;
    weights.set(service, (weights.get(service) ?? 0) + number);
  }
  return weights;
}
