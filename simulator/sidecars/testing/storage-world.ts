import { type ControllerDefinition, runController } from '@slipway/client';
import { csiController, csiIdentity, snapshotDefinitions } from '@slipway/csi';
import { type Fault, type KernelOptions, Link, type Micros, type Owner, seconds } from '@slipway/kernel';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, Stored, VolumeAttachment } from '@slipway/kube';
import { connect } from '../../apiserver/index.ts';
import { snapshotController, storageControllers } from '../../controllers/storage/index.ts';
import { ControllerWorld, node, template } from '../../controllers/testing/world.ts';
import { externalAttacher, externalProvisioner, externalResizer, externalSnapshotter } from '../index.ts';
import { MemoryDriver, type MemoryDriverOptions, ZONE } from './memory-driver.ts';
import { volumePods } from './volume-pods.ts';

export type SidecarName = 'provisioner' | 'attacher' | 'resizer' | 'snapshotter';

const SIDECARS = {
  provisioner: externalProvisioner,
  attacher: externalAttacher,
  resizer: externalResizer,
  snapshotter: externalSnapshotter,
};

export interface StorageWorldOptions extends MemoryDriverOptions {
  /** Zone of each node: `n1`, `n2` …. Left out: three nodes in zones a, b, a. */
  readonly zones?: readonly string[];
  readonly attachRequired?: boolean;
  readonly storageCapacity?: boolean;
  readonly kernel?: KernelOptions;
  readonly lag?: Micros;
  /** Side-cars that do not run. */
  readonly without?: readonly SidecarName[];
  /** False: nobody schedules or runs pods. */
  readonly pods?: boolean;
  /** True: the kinds of snapshots are defined, and the snapshot-controller and its side-car run. */
  readonly snapshots?: boolean;
}

/** An API server, the storage controllers, a driver with its side-cars, and pods that use volumes. */
export class StorageWorld extends ControllerWorld {
  readonly driver: MemoryDriver;
  readonly driverOwner: Owner;
  readonly dead = new Set<string>();
  #snapshotOwner: Owner | undefined;
  readonly #owners = new Map<SidecarName, Owner>();
  readonly #links = new Map<SidecarName, Link>();
  readonly #faults = new Map<SidecarName, readonly Fault[]>();

  constructor(options: StorageWorldOptions = {}) {
    const {
      zones = ['a', 'b', 'a'],
      kernel,
      lag,
      without = [],
      attachRequired = true,
      storageCapacity = false,
      pods = true,
      snapshots = false,
    } = options;
    super({
      controllers: storageControllers(),
      nodes: [],
      kubelet: false,
      ...(kernel === undefined ? {} : { kernel }),
      ...(lag === undefined ? {} : { lag }),
    });
    this.driver = new MemoryDriver(options);
    this.driverOwner = this.kernel.owner('csi/memory');
    this.run(
      this.api.csidrivers.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSIDriver',
        metadata: { name: this.driver.name },
        spec: { attachRequired, storageCapacity },
      }),
    );
    for (const [index, zone] of zones.entries()) this.addNode(`n${index + 1}`, zone);
    if (snapshots) {
      for (const definition of snapshotDefinitions) this.run(this.api.customresourcedefinitions.create(definition));
      this.#snapshotOwner = this.runDefinition(snapshotController(), 'snapshot-controller');
    }
    const absent = snapshots ? without : [...without, 'snapshotter'];
    for (const name of Object.keys(SIDECARS) as SidecarName[]) if (!absent.includes(name)) this.startSidecar(name);
    if (pods) this.runDefinition(volumePods(this.dead), 'volume-pods');
    this.addClass('wait', { volumeBindingMode: 'WaitForFirstConsumer', allowVolumeExpansion: true });
    this.addClass('now', { volumeBindingMode: 'Immediate', allowVolumeExpansion: true });
    this.pass(seconds(1));
  }

  runDefinition(definition: ControllerDefinition, name: string): Owner {
    const owner = this.kernel.owner(name);
    runController(definition, { api: connect(this.server, owner), owner });
    return owner;
  }

  addNode(name: string, zone: string): void {
    this.run(this.api.nodes.create(node(name, { labels: { [ZONE]: zone } })));
    this.run(
      this.api.csinodes.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSINode',
        metadata: { name },
        spec: { drivers: [{ name: this.driver.name, nodeID: `id-${name}`, topologyKeys: [ZONE] }] },
      }),
    );
  }

  startSidecar(name: SidecarName): void {
    const owner = this.kernel.owner(`external-${name}`);
    const identity = new Link(this.driver, { service: csiIdentity, from: owner, to: this.driverOwner });
    const controller = new Link(this.driver, { service: csiController, from: owner, to: this.driverOwner });
    controller.faults = this.#faults.get(name) ?? [];
    this.#owners.set(name, owner);
    this.#links.set(name, controller as unknown as Link);
    const definition = SIDECARS[name]({ identity: identity.client(), controller: controller.client() });
    runController(definition, { api: connect(this.server, owner), owner });
  }

  /** Its memory is lost; what the driver is doing for it goes on. */
  restartSidecar(name: SidecarName): void {
    this.#owners.get(name)?.kill();
    this.startSidecar(name);
  }

  restartControllers(): void {
    this.restartManager(storageControllers());
  }

  restartSnapshotController(): void {
    this.#snapshotOwner?.kill();
    this.#snapshotOwner = this.runDefinition(snapshotController(), 'snapshot-controller');
  }

  /** What goes wrong between a side-car and the driver; survives a restart of the side-car. */
  set(name: SidecarName, faults: readonly Fault[]): void {
    this.#faults.set(name, faults);
    const link = this.#links.get(name);
    if (link) link.faults = faults;
  }

  heal(): void {
    for (const name of Object.keys(SIDECARS) as SidecarName[]) this.set(name, []);
  }

  addClass(name: string, more: Partial<StorageClass> = {}): StorageClass {
    return this.run(
      this.api.storageclasses.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name },
        provisioner: this.driver.name,
        ...more,
      }),
    );
  }

  addClaim(
    name: string,
    storageClassName: string | undefined,
    more: Partial<PersistentVolumeClaim['spec']> = {},
  ): Stored<PersistentVolumeClaim> {
    return this.run(
      this.api.persistentvolumeclaims.create({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace: 'default' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
          ...(storageClassName === undefined ? {} : { storageClassName }),
          ...more,
        },
      }),
    );
  }

  addPod(name: string, claims: readonly string[], nodeName?: string): Stored<Pod> {
    const volumes = claims.map((claimName, index) => ({ name: `v${index}`, persistentVolumeClaim: { claimName } }));
    return this.run(
      this.api.pods.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default' },
        spec: { ...template('x').spec, volumes, ...(nodeName === undefined ? {} : { nodeName }) },
      }),
    );
  }

  deletePod(name: string, gracePeriodSeconds?: number): void {
    this.run(this.api.pods.delete({ namespace: 'default', name, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) }));
  }

  deleteClaim(name: string): void {
    this.run(this.api.persistentvolumeclaims.delete({ namespace: 'default', name }));
  }

  claim(name: string): PersistentVolumeClaim | undefined {
    return this.stored<PersistentVolumeClaim>('persistentvolumeclaims').find(({ metadata }) => metadata.name === name);
  }

  get claims(): readonly PersistentVolumeClaim[] {
    return this.stored('persistentvolumeclaims');
  }

  get volumes(): readonly PersistentVolume[] {
    return this.stored('persistentvolumes');
  }

  get attachments(): readonly VolumeAttachment[] {
    return this.stored('volumeattachments');
  }

  pod(name: string): Pod | undefined {
    return this.stored<Pod>('pods').find(({ metadata }) => metadata.name === name);
  }

  isRunning(name: string): boolean {
    return this.pod(name)?.status?.phase === 'Running';
  }

  /** What is left behind, or at odds: claims and volumes in pairs, the driver's volumes and publications as the objects say. */
  leftovers(): readonly string[] {
    const problems = [...this.driver.violations];
    const handles = new Map(this.volumes.map(({ spec, metadata }) => [spec.csi?.volumeHandle ?? '', metadata.name]));
    for (const { id } of this.driver.volumes.values()) if (!handles.has(id)) problems.push(`CSI-06: ${id} has no object`);
    for (const { metadata, spec } of this.volumes) {
      const claim = this.claims.find((each) => each.metadata.uid === spec.claimRef?.uid);
      if (claim && claim.spec.volumeName !== metadata.name) problems.push(`CSI-11: ${metadata.name} and ${claim.metadata.name}`);
      if (!claim) problems.push(`${metadata.name} is still there without a claim`);
    }
    const attached = new Set(
      this.attachments.map(
        ({ spec }) =>
          `${this.volumes.find(({ metadata }) => metadata.name === spec.source.persistentVolumeName)?.spec.csi?.volumeHandle} id-${spec.nodeName}`,
      ),
    );
    const published = new Set(
      [...this.driver.volumes.values()].flatMap(({ id, publishedTo }) => [...publishedTo].map((nodeId) => `${id} ${nodeId}`)),
    );
    for (const each of attached) if (!published.has(each)) problems.push(`CSI-15: attachment ${each} is not published`);
    for (const each of published) if (!attached.has(each)) problems.push(`CSI-15: ${each} is published without an attachment`);
    return problems;
  }
}
