// Wrong: NodeUnpublishVolume says that it is done, and leaves the mount.
import type { NodeUnpublishVolumeResponse } from '@slipway/csi';
import { Node, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Node: class extends Node {
    override nodeUnpublishVolume(): NodeUnpublishVolumeResponse {
      return {};
    }
  },
});
