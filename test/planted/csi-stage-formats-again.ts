// Wrong: each stage formats the disk, also one with files on it.
import type { NodeStageVolumeRequest, NodeStageVolumeResponse } from '@slipway/csi';
import type { Disk } from '@slipway/host';
import { Node, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Node: class extends Node {
    override nodeStageVolume(request: NodeStageVolumeRequest): NodeStageVolumeResponse {
      const disk = this.host.devices.get(request.publishContext?.['device'] ?? '') as Disk | undefined;
      if (disk && !this.host.mounts.at(request.stagingTargetPath))
        for (const file of disk.list('/')) disk.remove(`/${file}`, { recursive: true });
      disk?.sync();
      return super.nodeStageVolume(request);
    }
  },
});
