import { kernelMath } from '@slipway/kernel';

/**
 * How many runs without a failure show that one is gone which was seen in `failures` of `runs`: were it still there at that rate, so many
 * clean runs in a row would come about by chance with probability `doubt` only. (1 − rate)^n ≤ doubt.
 *
 * The rate is itself a guess. It is taken at the lower end of what the runs allow, by the rule of succession without its prior: a failure
 * that was seen once may be rarer than it looked.
 */
export function cleanRunsNeeded(failures: number, runs: number, doubt = 0.001): number {
  if (failures <= 0 || runs <= 0) throw new RangeError('nothing has failed');
  const rate = failures / (runs + 1);
  return Math.ceil(kernelMath.log(doubt) / kernelMath.log(1 - rate));
}
