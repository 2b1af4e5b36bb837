// Wrong: nobody looks whether the pool has room.

import { Controller, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override checkRoom(): void {}
  },
});
