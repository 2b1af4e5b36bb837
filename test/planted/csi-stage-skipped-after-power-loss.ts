// Wrong: what was staged is noted on the machine's disk, and believed after a loss of power, when it is mounted no more.
import type {
  NodePublishVolumeRequest,
  NodePublishVolumeResponse,
  NodeStageVolumeRequest,
  NodeStageVolumeResponse,
  NodeUnstageVolumeRequest,
  NodeUnstageVolumeResponse,
} from '@slipway/csi';
import { Node, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Node: class extends Node {
    override nodeStageVolume(request: NodeStageVolumeRequest): NodeStageVolumeResponse {
      const note = `/var/lib/my-disks/${request.volumeId}`;
      if (this.host.files.exists(note)) return {};
      super.nodeStageVolume(request);
      this.host.files.write(note, request.stagingTargetPath, { parents: true });
      return {};
    }

    override nodePublishVolume(request: NodePublishVolumeRequest): NodePublishVolumeResponse {
      const { mounts } = this.host;
      if (mounts.at(request.stagingTargetPath ?? '')) return super.nodePublishVolume(request);
      // Whatever is there is published: the empty folder.
      mounts.makeDirectory(request.targetPath, { recursive: true });
      return {};
    }

    override nodeUnstageVolume(request: NodeUnstageVolumeRequest): NodeUnstageVolumeResponse {
      const note = `/var/lib/my-disks/${request.volumeId}`;
      if (this.host.files.exists(note)) this.host.files.remove(note);
      return super.nodeUnstageVolume(request);
    }
  },
});
