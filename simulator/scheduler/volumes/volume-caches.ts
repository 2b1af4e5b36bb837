import { type ApiClient, informer, type Informer } from '@slipway/client';
import {
  type CSIDriver,
  type CSINode,
  type CSIStorageCapacity,
  keyOf,
  type KubeObject,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
  type Stored,
  type VolumeAttachment,
} from '@slipway/kube';
import type { ActionType, EventResource } from '../framework/cluster-event.ts';
import { AssumeCache } from './assume-cache.ts';
import { classOf } from './binding-facts.ts';
import { Followers } from './followers.ts';
import type { VolumeView } from './volume-view.ts';

/** Told of each change of an object of storage. */
export type VolumeEventHandler = (
  resource: EventResource,
  action: ActionType,
  before: KubeObject | undefined,
  after: KubeObject | undefined,
) => void;

const ACTION: Readonly<Record<'ADDED' | 'MODIFIED' | 'DELETED', ActionType>> = { ADDED: 'Add', MODIFIED: 'Update', DELETED: 'Delete' };

/** Where a volume is looked for: by those who may still take it. A bound one is found only by the claim that it names. */
function takers(volume: PersistentVolume): readonly string[] {
  const { claimRef } = volume.spec;
  if (claimRef) return [`claim/${claimRef.namespace}/${claimRef.name}`];
  return volume.status?.phase === 'Available' ? [`class/${classOf(volume)}`] : [];
}

/** The scheduler's caches of storage, indexed by what plugins ask: none of the questions walks a whole kind. */
export class VolumeCaches implements VolumeView {
  readonly claims: AssumeCache<PersistentVolumeClaim>;
  readonly volumes: AssumeCache<PersistentVolume>;
  readonly followers = new Followers();
  readonly #classes: Informer<StorageClass>;
  readonly #csiNodes: Informer<CSINode>;
  readonly #csiDrivers: Informer<CSIDriver>;
  readonly #capacities: Informer<CSIStorageCapacity>;
  readonly #attachments: Informer<VolumeAttachment>;
  readonly #all: readonly (readonly [EventResource, Informer<KubeObject>])[];

  constructor(api: ApiClient) {
    const claims = informer(api.persistentvolumeclaims);
    const volumes = informer(api.persistentvolumes, { indexers: { takers } });
    this.#classes = informer(api.storageclasses);
    this.#csiNodes = informer(api.csinodes);
    this.#csiDrivers = informer(api.csidrivers);
    this.#capacities = informer(api.csistoragecapacities, { indexers: { class: ({ storageClassName }) => [storageClassName] } });
    this.#attachments = informer(api.volumeattachments, { indexers: { node: ({ spec }) => [spec.nodeName] } });
    this.claims = new AssumeCache(claims);
    this.volumes = new AssumeCache(volumes);
    this.#all = [
      ['PersistentVolumeClaim', claims],
      ['PersistentVolume', volumes],
      ['StorageClass', this.#classes],
      ['CSINode', this.#csiNodes],
      ['CSIDriver', this.#csiDrivers],
      ['CSIStorageCapacity', this.#capacities],
      ['VolumeAttachment', this.#attachments],
    ] as readonly unknown[] as readonly (readonly [EventResource, Informer<KubeObject>])[];
  }

  /** Hands each change on, after the caches have it, and returns the informers: somebody has to run them. */
  connect(handler: VolumeEventHandler): readonly Informer<KubeObject>[] {
    for (const [resource, source] of this.#all) {
      const plural = source.resource.name;
      source.onChange((event, before, after) => {
        handler(resource, ACTION[event], before, after);
        const object = after ?? before;
        if (object) this.followers.touch(plural, keyOf(object));
      });
    }
    return this.#all.map(([, source]) => source);
  }

  claim(key: string): Stored<PersistentVolumeClaim> | undefined {
    return this.claims.get(key);
  }

  volume(name: string): Stored<PersistentVolume> | undefined {
    return this.volumes.get(name);
  }

  candidates(className: string, claimKey: string): readonly Stored<PersistentVolume>[] {
    const named = this.volumes.byIndex('takers', `claim/${claimKey}`).filter((volume) => classOf(volume) === className);
    const free = this.volumes.byIndex('takers', `class/${className}`);
    return named.length === 0 ? free : [...named, ...free];
  }

  storageClass(name: string): StorageClass | undefined {
    return this.#classes.get(name);
  }

  csiDriver(name: string): CSIDriver | undefined {
    return this.#csiDrivers.get(name);
  }

  csiNode(nodeName: string): CSINode | undefined {
    return this.#csiNodes.get(nodeName);
  }

  capacities(className: string): readonly CSIStorageCapacity[] {
    return this.#capacities.byIndex('class', className);
  }

  attachments(nodeName: string): readonly VolumeAttachment[] {
    return this.#attachments.byIndex('node', nodeName);
  }
}
