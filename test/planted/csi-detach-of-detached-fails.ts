// Wrong: ControllerUnpublishVolume of what is not there is an error.
import { type ControllerUnpublishVolumeRequest, type ControllerUnpublishVolumeResponse, CsiError } from '@slipway/csi';
import type { Process } from '@slipway/kernel';
import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override *controllerUnpublishVolume(request: ControllerUnpublishVolumeRequest): Process<ControllerUnpublishVolumeResponse> {
      if (!this.storage.volumes.get(request.volumeId)?.on.has(request.nodeId ?? '')) throw new CsiError('NOT_FOUND', 'it is not attached');
      return yield* super.controllerUnpublishVolume(request);
    }
  },
});
