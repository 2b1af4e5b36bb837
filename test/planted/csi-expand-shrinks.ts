// Wrong: a volume that is to grow gets what was asked for, also when it has more.
import type { ControllerExpandVolumeRequest, ControllerExpandVolumeResponse } from '@slipway/csi';
import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override controllerExpandVolume(request: ControllerExpandVolumeRequest): ControllerExpandVolumeResponse {
      const volume = this.storage.volumes.get(request.volumeId);
      super.controllerExpandVolume(request);
      if (volume) volume.bytes = 2 ** 29;
      return { capacityBytes: 2 ** 29, nodeExpansionRequired: true };
    }
  },
});
