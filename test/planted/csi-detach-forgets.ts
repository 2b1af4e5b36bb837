// Wrong: ControllerUnpublishVolume says that it is done, and does nothing.
import type { ControllerUnpublishVolumeResponse } from '@slipway/csi';
import type { Process } from '@slipway/kernel';
import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override *controllerUnpublishVolume(): Process<ControllerUnpublishVolumeResponse> {
      return {};
    }
  },
});
