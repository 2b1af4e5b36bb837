import type { Host } from '@slipway/host';
import type { Implementation } from '@slipway/kernel';
import type { CsiController, CsiGroupController, CsiIdentity, CsiNode, CsiSnapshotMetadata } from '../contract.ts';
import { definePlugin, type Plugin } from '@slipway/plugin';
import type * as m from '../messages/index.ts';
import '../plugin.ts';
import { MemoryController } from './memory-controller.ts';
import { MemoryGroupController, MemorySnapshotMetadata } from './memory-groups.ts';
import { MemoryNode } from './memory-node.ts';
import { MemoryStorage } from './memory-storage.ts';

/** A driver as its parts, each made when its machine starts. */
export interface DriverParts {
  readonly identity: Implementation<CsiIdentity>;
  readonly controller?: Implementation<CsiController>;
  readonly groupController?: Implementation<CsiGroupController>;
  readonly snapshotMetadata?: Implementation<CsiSnapshotMetadata>;
  node?(host: Host): Implementation<CsiNode>;
}

/** A small driver that has every call of the spec, in memory: to try callers against, to break on purpose, and to read first. */
export function memoryDriver(now: () => bigint): Required<DriverParts> {
  const storage = new MemoryStorage(now);
  return {
    identity: new MemoryIdentity(),
    controller: new MemoryController(storage),
    groupController: new MemoryGroupController(storage),
    snapshotMetadata: new MemorySnapshotMetadata(storage),
    node: (host) => new MemoryNode(storage, host),
  };
}

/**
 * The same as a plugin. What it stores belongs to the plugin object, so that controller and nodes find it: make a new one for each world.
 *
 * @param breaks changes the parts, to see a caller or a case fail
 */
export function memoryPlugin(breaks: (good: Required<DriverParts>) => DriverParts = (good) => good): Plugin<'csi'> {
  let parts: DriverParts | undefined;
  return definePlugin({
    interface: 'csi',
    name: 'memory',
    description: 'volumes in memory, with every call of the spec',
    create({ host, now }) {
      parts ??= breaks(memoryDriver(() => BigInt(now()) * 1000n));
      const { identity, controller, groupController, snapshotMetadata } = parts;
      if (host) return { identity, ...(parts.node && { node: parts.node(host) }) };
      return {
        identity,
        ...(controller && { controller }),
        ...(groupController && { groupController }),
        ...(snapshotMetadata && { snapshotMetadata }),
      };
    },
  }) as Plugin<'csi'>;
}

class MemoryIdentity implements Implementation<CsiIdentity> {
  getPluginInfo(): m.GetPluginInfoResponse {
    return { name: 'memory.csi.slipway.dev', vendorVersion: '1.0.0' };
  }

  getPluginCapabilities(): m.GetPluginCapabilitiesResponse {
    const services = [
      'CONTROLLER_SERVICE',
      'VOLUME_ACCESSIBILITY_CONSTRAINTS',
      'GROUP_CONTROLLER_SERVICE',
      'SNAPSHOT_METADATA_SERVICE',
    ] as const;
    return { capabilities: [...services.map((type) => ({ service: { type } })), { volumeExpansion: { type: 'ONLINE' } }] };
  }

  probe(): m.ProbeResponse {
    return {};
  }
}
