// Wrong: ListVolumes shows no volume as published anywhere.
import type { ListVolumesResponse } from '@slipway/csi';
import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override listVolumes(): ListVolumesResponse {
      const { entries = [] } = super.listVolumes();
      return { entries: entries.map(({ volume }) => ({ volume, status: { publishedNodeIds: [] } })) };
    }
  },
});
