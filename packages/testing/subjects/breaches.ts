import type { Kernel } from '@slipway/kernel';

/** A subject that notes what its plugin answered against the spec. */
export interface Watched {
  /** `rule: what is wrong`, in order. */
  readonly breaches?: readonly string[];
}

/** Notes what plugins of this world do against their spec. What callers do is left out: cases send wrong requests on purpose. */
export function breachesOf(kernel: Kernel): readonly string[] {
  const breaches: string[] = [];
  kernel.events.on('breach', ({ side, call, rule, message }) => {
    if (side === 'plugin') breaches.push(`${call} broke ${rule}: ${message}`);
  });
  return breaches;
}

/** @throws Error with the first breach, if there is one */
export function refuseBreaches({ breaches = [] }: Watched): void {
  const [first] = breaches;
  if (first !== undefined) throw new Error(first);
}
