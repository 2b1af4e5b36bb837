import { type ApiClient, type ControllerDefinition, runController } from '@slipway/client';
import { type CsiServices, csiController, csiIdentity, type CsiController, type CsiIdentity } from '@slipway/csi';
import type { Client, Owner, Process, Service } from '@slipway/kernel';
import type { CSIDriver, KubeObject, StorageClass } from '@slipway/kube';
import type { Plugin } from '@slipway/plugin';
import { externalAttacher, externalProvisioner, externalResizer, externalSnapshotter } from '../sidecars/index.ts';
import { createServices } from './check-plugin.ts';
import { install, persistently } from './install.ts';
import type { Chosen } from './chosen.ts';
import type { Cloud } from './cloud-assembly.ts';
import { PluginPart } from './part.ts';
import { type PluginPlace, pluginContext } from './plugin-context.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** The cluster-wide half of a storage driver: its controller services in one pod with their side-cars. */
export class StorageDriver {
  readonly plugin: Plugin<'csi'>;
  readonly part: PluginPart<CsiServices>;
  readonly #place: PluginPlace;
  #isRunning = false;
  #takesSnapshots = false;

  constructor(chosen: Chosen<Plugin<'csi'>>, place: PluginPlace, cloud: Cloud) {
    this.plugin = chosen.plugin;
    this.#place = place;
    const name = `csi/${chosen.plugin.name}`;
    this.part = new PluginPart<CsiServices>({
      name,
      newOwner: () => place.kernel.owner(name),
      create: (part) =>
        createServices(chosen.plugin, { ...pluginContext(chosen, () => part.owner, place), cloud: cloud.client(part.owner) }),
      beside: () => this.#isRunning && this.startSidecars(),
    });
  }

  get services(): CsiServices {
    return this.part.services;
  }

  /** Starts the side-cars; each has an owner and a connection of its own, as each is a container of its own. They end with the driver. */
  startSidecars(): void {
    this.#isRunning = true;
    for (const [name, make] of SIDECARS) this.#startSidecar(name, make);
    if (this.#takesSnapshots) this.#startSidecar('external-snapshotter', externalSnapshotter);
  }

  /** From now on, also after a restart, the side-car for snapshots runs beside the others. */
  takeSnapshots(): void {
    this.#takesSnapshots = true;
    if (this.#isRunning && this.part.owner.alive) this.#startSidecar('external-snapshotter', externalSnapshotter);
  }

  #startSidecar(name: string, make: Sidecar): void {
    if (!this.services.controller) return;
    const own = this.part.owner.child(`${name}/${this.plugin.name}`);
    const definition = make({ identity: this.identity(own), controller: this.controller(own) });
    runController(definition, { api: this.#place.connect(own), owner: own });
  }

  identity(from: Owner): Client<CsiIdentity> {
    return this.client(from, ({ identity }) => identity, csiIdentity);
  }

  controller(from: Owner): Client<CsiController> {
    return this.client(from, ({ controller }) => controller ?? {}, csiController);
  }

  /** Any of the driver's services, over a link of the caller's own. */
  client<S>(from: Owner, of: (services: CsiServices) => object, service: Service<S>): Client<S> {
    return this.part.link(of, { service, from, latency: this.plugin.latency }).client();
  }
}

type Sidecar = (driver: { readonly identity: Client<CsiIdentity>; readonly controller: Client<CsiController> }) => ControllerDefinition;

const SIDECARS: readonly (readonly [name: string, make: Sidecar])[] = [
  ['external-provisioner', externalProvisioner],
  ['external-attacher', externalAttacher],
  ['external-resizer', externalResizer],
];

/**
 * Installs what drivers bring: their CSIDriver and StorageClass objects. A driver that brings none gets a CSIDriver by what it can do,
 * and a StorageClass of its plugin's name; one class is the default one, that of the first driver unless a driver says otherwise.
 */
export function* installDrivers(drivers: readonly StorageDriver[], installer: Owner, api: ApiClient): Process {
  const brought = drivers.flatMap(({ plugin }) => plugin.manifests ?? []);
  let hasDefault = brought.some((object) => isDefaultClass(object));
  for (const driver of drivers) {
    const identity = driver.identity(installer);
    const { name } = yield* persistently(() => identity.getPluginInfo({}));
    const manifests = driver.plugin.manifests ?? [];
    if (!manifests.some(({ kind, metadata }) => kind === 'CSIDriver' && metadata.name === name)) {
      yield* install(api, yield* describe(driver, name, installer));
    }
    const own = manifests.filter((object): object is StorageClass => object.kind === 'StorageClass');
    const classes = own.length > 0 || !driver.services.controller?.createVolume ? own : [classOf(driver.plugin.name, name)];
    for (const [index, object] of classes.entries()) {
      const chosen = !hasDefault && index === 0;
      yield* install(api, chosen ? withDefault(object) : object);
      hasDefault ||= chosen;
    }
    for (const object of manifests) if (object.kind !== 'StorageClass') yield* install(api, object);
  }
}

function isDefaultClass({ kind, metadata }: KubeObject): boolean {
  return kind === 'StorageClass' && metadata.annotations?.[DEFAULT_CLASS] === 'true';
}

function withDefault(object: StorageClass): StorageClass {
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [DEFAULT_CLASS]: 'true' } } };
}

function classOf(plugin: string, provisioner: string): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: plugin },
    provisioner,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
}

/** A driver that publishes volumes to nodes has them attached; any other has not. */
function* describe(driver: StorageDriver, name: string, installer: Owner): Process<CSIDriver> {
  const controller = driver.controller(installer);
  const attaches = driver.services.controller
    ? ((yield* persistently(() => controller.controllerGetCapabilities({}))).capabilities ?? []).some(
        (capability) => 'rpc' in capability && capability.rpc.type === 'PUBLISH_UNPUBLISH_VOLUME',
      )
    : false;
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name }, spec: { attachRequired: attaches } };
}
