// Wrong: a volume is detached by asking its machine, and so never from one that is off.
import { type ControllerUnpublishVolumeRequest, type ControllerUnpublishVolumeResponse, CsiError } from '@slipway/csi';
import type { Process } from '@slipway/kernel';
import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override *controllerUnpublishVolume(request: ControllerUnpublishVolumeRequest): Process<ControllerUnpublishVolumeResponse> {
      if (this.storage.machines.get(request.nodeId ?? '')?.on !== true) throw new CsiError('INTERNAL', 'the machine does not answer');
      return yield* super.controllerUnpublishVolume(request);
    }
  },
});
