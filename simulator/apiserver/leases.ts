import type { RenewLeaseRequest } from '@slipway/client';
import type { Micros } from '@slipway/kernel';
import { formatMicroTime, type KubeObject, type Lease, type Stored } from '@slipway/kube';
import type { Machinery } from './machinery.ts';

/** Seconds of a new node lease. Source: `pkg/kubelet/apis/config/v1beta1/defaults.go`, nodeLeaseDurationSeconds. */
const DURATION = 40;

interface Renewal {
  /** Stored object that it belongs to: a write of the lease itself ends it. */
  readonly of: Stored<Lease>;
  /** Unix microseconds. */
  at: number;
  count: number;
  read: Stored<Lease> | undefined;
}

/**
 * Heartbeats. A renewal is no write: it moves no revision, wakes no watch and leaves no trace, and the lease is put together with its
 * newest renewTime when somebody reads it, under a resourceVersion of its own (`1042-17`, the 17th renewal since revision 1042).
 */
export class Leases {
  readonly #machinery: Machinery;
  readonly #renewals = new Map<string, Renewal>();

  constructor(machinery: Machinery) {
    this.#machinery = machinery;
  }

  /** Renews the lease; makes it when it is absent, and writes it when its holder or duration changes. */
  renew(request: RenewLeaseRequest, create: (lease: Lease) => void): Stored<Lease> {
    const { registry, store, kernel } = this.#machinery;
    const table = registry.table('leases');
    const { name, holderIdentity, leaseDurationSeconds, namespace = 'kube-node-lease' } = request;
    const at = kernel.unixMicros;
    const stored = table.get(namespace, name) as Stored<Lease> | undefined;
    if (!stored) {
      create({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace, ...(request.ownerReferences === undefined ? {} : { ownerReferences: request.ownerReferences }) },
        spec: { holderIdentity, leaseDurationSeconds: leaseDurationSeconds ?? DURATION, renewTime: formatMicroTime(at) },
      });
      return table.get(namespace, name) as Stored<Lease>;
    }
    const duration = leaseDurationSeconds ?? stored.spec.leaseDurationSeconds ?? DURATION;
    if (stored.spec.holderIdentity !== holderIdentity || stored.spec.leaseDurationSeconds !== duration) {
      const spec = { ...stored.spec, holderIdentity, leaseDurationSeconds: duration, renewTime: formatMicroTime(at) };
      const changed: Lease = { ...stored, spec };
      return store.put(table, changed, stored, 'update') as Stored<Lease>;
    }
    const key = `${namespace}/${name}`;
    const renewal = this.#renewals.get(key);
    if (renewal?.of === stored) {
      renewal.at = at;
      renewal.count += 1;
      renewal.read = undefined;
    } else this.#renewals.set(key, { of: stored, at, count: 1, read: undefined });
    return this.asOfNow(stored);
  }

  /** The lease with its newest renewTime. */
  asOfNow(lease: Stored<KubeObject>): Stored<Lease> {
    const stored = lease as Stored<Lease>;
    const { namespace, name, resourceVersion } = stored.metadata;
    const renewal = this.#renewals.get(`${namespace ?? ''}/${name}`);
    if (renewal?.of !== stored) return stored;
    renewal.read ??= {
      ...stored,
      metadata: { ...stored.metadata, resourceVersion: `${resourceVersion}-${renewal.count}` },
      spec: { ...stored.spec, renewTime: formatMicroTime(renewal.at) },
    };
    return renewal.read;
  }

  /** When the lease was last renewed, in virtual microseconds since the start; undefined when it never was since its last write. */
  renewedAt(namespace: string, name: string): Micros | undefined {
    const renewal = this.#renewals.get(`${namespace}/${name}`);
    return renewal && renewal.at - this.#machinery.kernel.epoch;
  }

  /** The lease is gone. */
  forget(namespace: string, name: string): void {
    this.#renewals.delete(`${namespace}/${name}`);
  }
}
