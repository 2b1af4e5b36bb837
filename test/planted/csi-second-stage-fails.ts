// Wrong: NodeStageVolume of what is staged already is an error.
import { CsiError, type NodeStageVolumeRequest, type NodeStageVolumeResponse } from '@slipway/csi';
import { Node, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Node: class extends Node {
    override nodeStageVolume(request: NodeStageVolumeRequest): NodeStageVolumeResponse {
      if (this.host.mounts.at(request.stagingTargetPath)) throw new CsiError('ALREADY_EXISTS', 'it is staged');
      return super.nodeStageVolume(request);
    }
  },
});
