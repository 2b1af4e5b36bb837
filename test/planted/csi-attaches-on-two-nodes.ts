// Wrong: nobody looks whether another machine has the volume.

import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override holders(): readonly string[] {
      return [];
    }
  },
});
