// Wrong: DeleteVolume forgets to delete.
import type { DeleteVolumeResponse } from '@slipway/csi';
import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override deleteVolume(): DeleteVolumeResponse {
      return {};
    }
  },
});
