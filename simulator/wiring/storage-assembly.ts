import { type ApiClient, type ControllerDefinition, runController } from '@slipway/client';
import { type CsiServices, csiController, csiIdentity, type CsiController, type CsiIdentity } from '@slipway/csi';
import { type Client, Link, type Owner, type Process, type Service } from '@slipway/kernel';
import type { CSIDriver, KubeObject, StorageClass } from '@slipway/kube';
import type { Plugin } from '@slipway/plugin';
import { externalAttacher, externalProvisioner, externalResizer } from '../sidecars/index.ts';
import { createServices } from './check-plugin.ts';
import { install } from './install.ts';
import type { Chosen } from './chosen.ts';
import type { Cloud } from './cloud-assembly.ts';
import { type PluginPlace, pluginContext } from './plugin-context.ts';

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** The cluster-wide half of a storage driver: its controller services in one pod with their side-cars. */
export class StorageDriver {
  readonly plugin: Plugin<'csi'>;
  readonly owner: Owner;
  readonly services: CsiServices;
  readonly #place: PluginPlace;
  readonly #links: Map<string, Link>;

  constructor(chosen: Chosen<Plugin<'csi'>>, place: PluginPlace, cloud: Cloud, links: Map<string, Link>) {
    this.plugin = chosen.plugin;
    this.#place = place;
    this.#links = links;
    this.owner = place.kernel.owner(`csi/${chosen.plugin.name}`);
    this.services = createServices(chosen.plugin, { ...pluginContext(chosen, this.owner, place), cloud: cloud.client(this.owner) });
  }

  /** Starts the side-cars; each has an owner and a connection of its own, as each is a container of its own. */
  startSidecars(): void {
    if (!this.services.controller) return;
    for (const [name, make] of SIDECARS) {
      const own = this.owner.child(`${name}/${this.plugin.name}`);
      const definition = make({ identity: this.identity(own), controller: this.controller(own) });
      runController(definition, { api: this.#place.connect(own), owner: own });
    }
  }

  identity(from: Owner): Client<CsiIdentity> {
    return this.client(from, this.services.identity, csiIdentity);
  }

  controller(from: Owner): Client<CsiController> {
    return this.client(from, this.services.controller ?? {}, csiController);
  }

  /** Any of the driver's services, over a link of the caller's own. */
  client<S>(from: Owner, implementation: object, service: Service<S>): Client<S> {
    const { plugin, owner } = this;
    const link = new Link(implementation as never, { service, from, to: owner, latency: plugin.latency });
    this.#links.set(`csi.${service.name.slice(service.name.lastIndexOf('.') + 1)}/${from.name}`, link as unknown as Link);
    return link.client();
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
    const { name } = yield* driver.identity(installer).getPluginInfo({});
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
  const attaches = driver.services.controller
    ? ((yield* driver.controller(installer).controllerGetCapabilities({})).capabilities ?? []).some(
        (capability) => 'rpc' in capability && capability.rpc.type === 'PUBLISH_UNPUBLISH_VOLUME',
      )
    : false;
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name }, spec: { attachRequired: attaches } };
}
