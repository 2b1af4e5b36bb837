// Wrong: NodeUnpublishVolume of what is not mounted any more is an error.
import { CsiError, type NodeUnpublishVolumeRequest, type NodeUnpublishVolumeResponse } from '@slipway/csi';
import { Node, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Node: class extends Node {
    override nodeUnpublishVolume(request: NodeUnpublishVolumeRequest): NodeUnpublishVolumeResponse {
      if (!this.host.mounts.at(request.targetPath)) throw new CsiError('NOT_FOUND', 'it is not published');
      return super.nodeUnpublishVolume(request);
    }
  },
});
