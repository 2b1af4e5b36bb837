// Wrong: a volume counts as free as soon as its detach begins, and is given to the next machine while the last one still has it.

import { Controller, type Volume, diskDriver } from './correct/driver.ts';

export default diskDriver({
  Controller: class extends Controller {
    override holders({ on }: Volume): readonly string[] {
      for (const [machine, gone] of on) if (gone !== Number.POSITIVE_INFINITY) on.delete(machine);
      return [...on.keys()];
    }
  },
});
