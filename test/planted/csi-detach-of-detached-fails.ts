// Wrong: ControllerUnpublishVolume of what is let go already is an error.
import { type ControllerUnpublishVolumeRequest, type ControllerUnpublishVolumeResponse, CsiError } from '@slipway/csi';
import type { Process } from '@slipway/kernel';
import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override *controllerUnpublishVolume(request: ControllerUnpublishVolumeRequest): Process<ControllerUnpublishVolumeResponse> {
      const since = this.storage.volumes.get(request.volumeId)?.on.get(request.nodeId ?? '');
      if (since !== Number.POSITIVE_INFINITY) throw new CsiError('NOT_FOUND', 'it is not attached');
      return yield* super.controllerUnpublishVolume(request);
    }
  },
});
