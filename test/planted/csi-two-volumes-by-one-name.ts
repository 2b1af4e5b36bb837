// Wrong: a name counts as taken only once its volume is made, so that two calls at one time make two.
import type { CreateVolumeRequest, CreateVolumeResponse } from '@slipway/csi';
import { type Process, seconds, sleep } from '@slipway/kernel';
import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override *createVolume(request: CreateVolumeRequest): Process<CreateVolumeResponse> {
      const { name, capacityRange } = request;
      if (this.storage.named(name)) return yield* super.createVolume(request);
      yield* sleep(seconds(12));
      const { id, bytes } = this.make(name, capacityRange?.requiredBytes ?? 2 ** 30);
      return { volume: { volumeId: id, capacityBytes: bytes } };
    }
  },
});
