// Wrong: a volume is made for each CreateVolume, whether or not its name is there already.
import type { CreateVolumeRequest, CreateVolumeResponse } from '@slipway/csi';
import type { Process } from '@slipway/kernel';
import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override *createVolume(request: CreateVolumeRequest): Process<CreateVolumeResponse> {
      return yield* super.createVolume({ ...request, name: `${request.name}-${this.storage.count}` });
    }
  },
});
