import type { CsiNode } from '@slipway/csi';
import { type Cell, type Client, type Process, until } from '@slipway/kernel';
import { isExpectedFailure } from '../../failure.ts';
import { VolumeError } from '../volume-error.ts';
import { csiPlugin } from './names.ts';
import type { NodeInfo } from './node-info.ts';

/** Where drivers make themselves known to the kubelet, as over its plugin directory. Source: `pkg/volume/csi/csi_plugin.go` RegistrationHandler. */
export interface CsiDriverRegistry {
  /**
   * Takes the driver in: asks it for its node id and topology (NodeGetInfo), and writes both into Node and CSINode. A driver of the same
   * name is replaced. Waits until the node itself is registered.
   *
   * @throws the driver's error, or NodeInfoError; a driver that was not registered before is then not registered
   */
  register(driver: { readonly name: string; readonly node: Client<CsiNode> }): Process;
  /** Forgets the driver, here and in Node and CSINode. @throws NodeInfoError */
  unregister(name: string): Process;
  /** Drivers that volumes can be mounted with. */
  readonly names: ReadonlySet<string>;
}

/** The drivers of one node. */
export class CsiDrivers implements CsiDriverRegistry {
  readonly #info: NodeInfo;
  readonly #registered: Cell<boolean>;
  readonly #drivers = new Map<string, Client<CsiNode>>();

  /** @param registered true once the node is in the API */
  constructor(info: NodeInfo, registered: Cell<boolean>) {
    this.#info = info;
    this.#registered = registered;
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#drivers.keys());
  }

  *register({ name, node }: { readonly name: string; readonly node: Client<CsiNode> }): Process {
    while (!this.#registered.value) yield* until(this.#registered);
    const isKnown = this.#drivers.get(name) === node;
    this.#drivers.set(name, node);
    try {
      const { nodeId, maxVolumesPerNode, accessibleTopology } = yield* node.nodeGetInfo({});
      yield* this.#info.install({ name, nodeId, maxVolumes: maxVolumesPerNode, topology: accessibleTopology?.segments ?? {} });
    } catch (error) {
      // One that is in already came to have its CSINode mended. It stays in: with its Node gone, its volumes have to be taken away all the same.
      if (!isKnown && isExpectedFailure(error) && this.#drivers.get(name) === node) yield* this.unregister(name);
      throw error;
    }
  }

  *unregister(name: string): Process {
    this.#drivers.delete(name);
    yield* this.#info.uninstall(name);
  }

  /**
   * The node half of a driver.
   *
   * @param doing what fails without it, in upstream's words. @throws VolumeError, transient: it may come yet
   */
  client(name: string, doing: string): Client<CsiNode> {
    const client = this.#drivers.get(name);
    if (client) return client;
    const why = `driver name ${name} not found in the list of registered CSI drivers`;
    throw new VolumeError(`${csiPlugin}: ${doing}: ${why}`, 'transient');
  }
}
