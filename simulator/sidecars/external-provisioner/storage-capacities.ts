import type { ControllerContext } from '@slipway/client';
import type { CsiController } from '@slipway/csi';
import { Cell, type Client, codeOf, every, messageOf, type Micros, minutes, type Process, until } from '@slipway/kernel';
import {
  type CSIStorageCapacity,
  formatResourceAmount,
  isEqual,
  type LabelSelector,
  quantityValue,
  type StorageClass,
  type Stored,
} from '@slipway/kube';
import { callDriver, isAnswer } from '../driver-error.ts';
import type { DriverInfo } from '../driver-info.ts';
import { CALL_LIMIT } from './make-volume.ts';
import type { Places } from './places.ts';
import { topologyOf, type TopologyTerm } from './topology.ts';

const POLL: Micros = minutes(1);
const DRIVER_LABEL = 'csi.storage.k8s.io/drivername';
const MANAGER_LABEL = 'csi.storage.k8s.io/managed-by';
const MANAGER = 'external-provisioner';
/** Where drivers are installed. */
const NAMESPACE = 'kube-system';

export interface StorageCapacitiesOptions {
  readonly info: DriverInfo;
  readonly places: Places;
  readonly controller: Client<CsiController>;
  readonly context: ControllerContext;
}

interface Item {
  readonly storageClass: StorageClass;
  /** Undefined for a driver without topology: everywhere. */
  readonly place: TopologyTerm | undefined;
}

/**
 * Tells the scheduler how much room there is, as CSIStorageCapacity objects: one for each class that waits for its first consumer and each
 * place. Asked every minute, and after whatever changes the amounts. Only for drivers whose CSIDriver wants that (`storageCapacity`).
 * Source: external-provisioner `pkg/capacity/capacity.go`.
 */
export class StorageCapacities {
  readonly #options: StorageCapacitiesOptions;
  readonly #wake = new Cell(0);
  /** Something to ask for; while there is nothing, the poll is left out. */
  #items = 0;

  constructor(options: StorageCapacitiesOptions) {
    this.#options = options;
  }

  /** Asks for a pass now. */
  refresh(): void {
    this.#wake.set(this.#wake.value + 1);
  }

  *poll(): Process<never> {
    const beat = every(POLL);
    for (;;) {
      yield* beat.next(this.#items > 0 ? undefined : { unless: [this.#wake] });
      if (this.#items > 0) this.refresh();
    }
  }

  *run(): Process<never> {
    for (let seen = -1; ; ) {
      yield* until(this.#wake, seen);
      seen = this.#wake.version;
      yield* this.#pass();
    }
  }

  *#pass(): Process {
    const { context } = this.#options;
    const items = this.#wanted();
    this.#items = items.length;
    const obsolete = new Map(this.#existing().map((object) => [object.metadata.name, object]));
    for (const item of items) {
      try {
        const known = [...obsolete.values()].find((object) => isFor(object, item));
        if (known) obsolete.delete(known.metadata.name);
        yield* this.#update(item, known);
      } catch (error) {
        // The next poll asks again.
        if (!isAnswer(error)) throw error;
        context.log(`storage capacity of ${item.storageClass.metadata.name}: ${messageOf(error)}`);
      }
    }
    for (const name of [...obsolete.keys()].sort()) yield* this.#drop(name);
  }

  #wanted(): readonly Item[] {
    const { info, places, context } = this.#options;
    const { informers } = context;
    if (informers.get('csidrivers').get(info.name)?.spec.storageCapacity !== true) return [];
    const hasTopology = info.services.has('VOLUME_ACCESSIBILITY_CONSTRAINTS');
    const known: readonly (TopologyTerm | undefined)[] = hasTopology ? places.withKeys(places.keys()) : [undefined];
    return [...informers.get('storageclasses').list()]
      .filter(({ provisioner, volumeBindingMode }) => provisioner === info.name && volumeBindingMode === 'WaitForFirstConsumer')
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .flatMap((storageClass) =>
        known.filter((place) => place === undefined || place.length > 0).map((place) => ({ storageClass, place })),
      );
  }

  #existing(): readonly Stored<CSIStorageCapacity>[] {
    const { info, context } = this.#options;
    return context.informers
      .get('csistoragecapacities')
      .list()
      .filter(({ metadata }) => metadata.labels?.[DRIVER_LABEL] === info.name && metadata.labels[MANAGER_LABEL] === MANAGER)
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  *#update({ storageClass, place }: Item, known: Stored<CSIStorageCapacity> | undefined): Process {
    const { info, controller, context } = this.#options;
    const { parameters } = storageClass;
    const { availableCapacity, maximumVolumeSize } = yield* callDriver(
      controller.getCapacity({ ...(parameters ? { parameters } : {}), ...(place ? { accessibleTopology: topologyOf(place) } : {}) }),
      CALL_LIMIT,
    );
    const sizes = {
      capacity: formatResourceAmount('storage', availableCapacity),
      ...(maximumVolumeSize === undefined ? {} : { maximumVolumeSize: formatResourceAmount('storage', maximumVolumeSize) }),
    };
    const { csistoragecapacities } = context.api;
    if (!known) {
      yield* csistoragecapacities.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIStorageCapacity',
        metadata: {
          name: '',
          generateName: 'csisc-',
          namespace: NAMESPACE,
          labels: { [DRIVER_LABEL]: info.name, [MANAGER_LABEL]: MANAGER },
        },
        nodeTopology: selectorOf(place),
        storageClassName: storageClass.metadata.name,
        ...sizes,
      });
    } else if (!sameSize(known.capacity, sizes.capacity) || !sameSize(known.maximumVolumeSize, sizes.maximumVolumeSize)) {
      const { maximumVolumeSize: _size, ...rest } = known;
      yield* csistoragecapacities.update({ ...rest, ...sizes });
    }
  }

  *#drop(name: string): Process {
    const { api, log } = this.#options.context;
    try {
      yield* api.csistoragecapacities.delete({ namespace: NAMESPACE, name });
    } catch (error) {
      if (!isAnswer(error)) throw error;
      if (codeOf(error) !== 'NotFound') log(`storage capacity ${name} will be deleted later: ${messageOf(error)}`);
    }
  }
}

/** An empty selector stands for every node. */
const selectorOf = (place: TopologyTerm | undefined): LabelSelector => (place ? { matchLabels: Object.fromEntries(place) } : {});

function isFor(object: CSIStorageCapacity, { storageClass, place }: Item): boolean {
  return object.storageClassName === storageClass.metadata.name && isEqual(object.nodeTopology ?? {}, selectorOf(place));
}

function sameSize(a: string | undefined, b: string | undefined): boolean {
  return a === undefined || b === undefined ? a === b : quantityValue(a) === quantityValue(b);
}
