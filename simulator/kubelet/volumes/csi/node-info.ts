import type { ApiClient } from '@slipway/client';
import { codeOf, messageOf, type Micros, milliseconds, type Process, Semaphore, sleep } from '@slipway/kernel';
import type { CSINode, CSINodeDriver, Node } from '@slipway/kube';
import { isExpectedFailure } from '../../failure.ts';

/** What a driver tells of itself on this node. */
export interface DriverInfo {
  readonly name: string;
  readonly nodeId: string;
  /** Volumes that can be attached at once; left out or 0: no limit is known. */
  readonly maxVolumes?: number | undefined;
  readonly topology: { readonly [key: string]: string };
}

/** Tries of one change, and the pauses between them. Source: `pkg/volume/csi/nodeinfomanager/nodeinfomanager.go` updateBackoff. */
const updateSteps = 4;
const firstPause = milliseconds(10);
const pauseFactor = 5;
/** Pauses until the CSINode exists. Source: `pkg/volume/csi/csi_plugin.go` initializeCSINode. */
const firstInitPause = milliseconds(30);
const longestInitPause: Micros = milliseconds(15_360);

const nodeIdAnnotation = 'csi.volume.kubernetes.io/nodeid';
/** In-tree plugins that CSI drivers have taken over, as every kubelet of this version says. */
const migratedPlugins = {
  'storage.alpha.kubernetes.io/migrated-plugins': [
    'aws-ebs',
    'azure-disk',
    'azure-file',
    'cinder',
    'gce-pd',
    'portworx-volume',
    'vsphere-volume',
  ]
    .map((plugin) => `kubernetes.io/${plugin}`)
    .join(','),
};

/** Keeps the node's CSINode, and what drivers add to the Node. Source: `pkg/volume/csi/nodeinfomanager`. */
export class NodeInfo {
  readonly #api: ApiClient;
  readonly #name: string;
  /** Changes are made one after the other, so that they do not meet each other's conflicts. */
  readonly #lock = new Semaphore(1, 'node info');
  #nodeUid = '';

  constructor(api: ApiClient, name: string) {
    this.#api = api;
    this.#name = name;
  }

  /** Makes the node's CSINode, or takes over one that is there; until then the node cannot be ready. */
  *initialize(node: Node): Process {
    this.#nodeUid = node.metadata.uid ?? '';
    for (let pause = firstInitPause; ; pause = Math.min(8 * pause, longestInitPause)) {
      try {
        yield* this.#retry('error updating CSINode annotation', () => this.#initialize());
        return;
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        yield* sleep(pause);
      }
    }
  }

  /** Writes the driver into Node and CSINode. @throws NodeInfoError after four tries */
  *install(driver: DriverInfo): Process {
    if (driver.nodeId === '') throw new NodeInfoError('error adding CSI driver node info: driverNodeID must not be empty');
    yield* this.#retry('error updating Node object with CSI driver node info: error updating node', () => this.#addToNode(driver));
    yield* this.#retry('error updating CSINode object with CSI driver node info: error updating CSINode', () => this.#addToCsiNode(driver));
  }

  /** Takes the driver out of both. @throws NodeInfoError after four tries */
  *uninstall(driver: string): Process {
    yield* this.#retry('error uninstalling CSI driver from CSINode object error updating CSINode', () => this.#removeFromCsiNode(driver));
    yield* this.#retry('error removing CSI driver node info from Node object error updating node', () => this.#removeFromNode(driver));
  }

  *#retry(what: string, attempt: () => Process): Process {
    const failures: string[] = [];
    for (let step = 0, pause = firstPause; step < updateSteps; step++, pause *= pauseFactor) {
      if (step > 0) yield* sleep(pause / pauseFactor);
      try {
        yield* this.#lock.hold(attempt());
        return;
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        failures.push(messageOf(error));
      }
    }
    throw new NodeInfoError(`${what}: timed out waiting for the condition; caused by: ${failures.join(', ')}`);
  }

  /** A new node has none, so making it comes before looking for it. */
  *#initialize(): Process {
    try {
      yield* this.#api.csinodes.create(this.#empty());
    } catch (error) {
      if (codeOf(error) !== 'AlreadyExists') throw error;
      yield* this.#own(yield* this.#api.csinodes.get({ name: this.#name }));
    }
  }

  #empty(): CSINode {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: this.#name, uid: this.#nodeUid }];
    return {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: { name: this.#name, ownerReferences, annotations: migratedPlugins },
      spec: { drivers: [] },
    };
  }

  /** One that an earlier machine of the name left is removed; the next try makes another. */
  *#own({ metadata }: CSINode): Process {
    const owner = metadata.ownerReferences?.find(({ kind, name }) => kind === 'Node' && name === this.#name);
    if (owner?.uid === this.#nodeUid) return;
    yield* this.#api.csinodes.delete({ name: this.#name });
    const ids = `(oldNodeID="${owner?.uid ?? ''}", newNodeID="${this.#nodeUid}")`;
    throw new NodeInfoError(`CSINode "${this.#name}" was owned by different node ${ids}, deleted it`);
  }

  *#addToNode({ name, nodeId, topology }: DriverInfo): Process {
    const node = yield* this.#api.nodes.get({ name: this.#name });
    const { labels = {}, annotations = {} } = node.metadata;
    for (const [key, value] of Object.entries(topology)) {
      const current = labels[key];
      if (current === undefined || current === value) continue;
      throw new NodeInfoError(
        `detected topology value collision: driver reported "${key}":"${value}" but existing label is "${key}":"${current}"`,
      );
    }
    const ids = idsOf(annotations[nodeIdAnnotation]);
    const isKnown = ids[name] === nodeId && Object.keys(topology).every((key) => labels[key] === topology[key]);
    if (isKnown) return;
    const patch = { metadata: { labels: topology, annotations: { [nodeIdAnnotation]: textOf({ ...ids, [name]: nodeId }) } } };
    yield* this.#api.nodes.patch({ name: this.#name, patch });
  }

  *#removeFromNode(driver: string): Process {
    const node = yield* this.#api.nodes.get({ name: this.#name });
    const { [driver]: known, ...others } = idsOf(node.metadata.annotations?.[nodeIdAnnotation]);
    if (known === undefined) return;
    const value = Object.keys(others).length === 0 ? null : textOf(others);
    yield* this.#api.nodes.patch({ name: this.#name, patch: { metadata: { annotations: { [nodeIdAnnotation]: value } } } });
  }

  *#addToCsiNode({ name, nodeId, maxVolumes = 0, topology }: DriverInfo): Process {
    const object = yield* this.#csiNode();
    const entry: CSINodeDriver = {
      name,
      nodeID: nodeId,
      topologyKeys: Object.keys(topology).sort(),
      ...(maxVolumes > 0 ? { allocatable: { count: Math.min(maxVolumes, 2 ** 31 - 1) } } : {}),
    };
    const known = object.spec.drivers.find((driver) => driver.name === name);
    if (known && JSON.stringify(keysOf(known)) === JSON.stringify(keysOf(entry))) return;
    const drivers = [...object.spec.drivers.filter((driver) => driver.name !== name), entry];
    yield* this.#api.csinodes.update({ ...object, spec: { ...object.spec, drivers } });
  }

  *#removeFromCsiNode(driver: string): Process {
    let object: CSINode;
    try {
      object = yield* this.#api.csinodes.get({ name: this.#name });
    } catch (error) {
      if (codeOf(error) === 'NotFound') return;
      throw error;
    }
    const drivers = object.spec.drivers.filter(({ name }) => name !== driver);
    if (drivers.length === object.spec.drivers.length) return;
    yield* this.#api.csinodes.update({ ...object, spec: { ...object.spec, drivers } });
  }

  *#csiNode(): Process<CSINode> {
    try {
      const object = yield* this.#api.csinodes.get({ name: this.#name });
      yield* this.#own(object);
      return object;
    } catch (error) {
      if (codeOf(error) !== 'NotFound') throw error;
      return yield* this.#api.csinodes.create(this.#empty());
    }
  }
}

/** Node and CSINode could not be brought to what a driver says. */
export class NodeInfoError extends Error {
  readonly code = 'NodeInfoError';
}

/** A driver's entry in one order. */
const keysOf = ({ nodeID, topologyKeys = [], allocatable }: CSINodeDriver) => [nodeID, [...topologyKeys].sort(), allocatable?.count ?? 0];

/** The annotation's value: node ids by driver, as JSON with sorted keys. */
function idsOf(text: string | undefined): { readonly [driver: string]: string } {
  if (text === undefined || text === '') return {};
  try {
    return JSON.parse(text) as { readonly [driver: string]: string };
  } catch (error) {
    throw new NodeInfoError(`failed to parse node's "${nodeIdAnnotation}" annotation value ("${text}") err=${messageOf(error)}`);
  }
}

const textOf = (ids: { readonly [driver: string]: string }): string =>
  JSON.stringify(Object.fromEntries(Object.entries(ids).sort(([a], [b]) => (a < b ? -1 : 1))));
