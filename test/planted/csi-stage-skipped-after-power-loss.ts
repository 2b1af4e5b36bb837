// Wrong: what was staged is noted on the machine's disk, and believed after a loss of power, when it is mounted no more.
import type { NodePublishVolumeRequest, NodePublishVolumeResponse, NodeStageVolumeRequest, NodeStageVolumeResponse } from '@slipway/csi';
import { diskDriver, Node } from './correct/driver.ts';

export default diskDriver({
  Node: class extends Node {
    override nodeStageVolume(request: NodeStageVolumeRequest): NodeStageVolumeResponse {
      const note = `/var/lib/my-disks/${request.volumeId}`;
      if (this.host.files.exists(note)) return {};
      super.nodeStageVolume(request);
      this.host.files.write(note, request.stagingTargetPath, { parents: true });
      return {};
    }

    override nodePublishVolume({ stagingTargetPath = '', targetPath }: NodePublishVolumeRequest): NodePublishVolumeResponse {
      const { mounts } = this.host;
      mounts.makeDirectory(stagingTargetPath, { recursive: true });
      mounts.makeDirectory(targetPath, { recursive: true });
      if (!mounts.at(targetPath)) mounts.mount(stagingTargetPath, targetPath, { type: 'bind' });
      return {};
    }
  },
});
