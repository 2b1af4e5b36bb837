import { describe, expect, test } from 'vitest';
import { leftovers, type Loss, tell, type Told } from './story-of-a-volume.ts';

// Power loss at every event is `SLIPWAY_POWER_LOSS=all npx vitest run test/power-loss.test.ts`; the suite takes a sample of them.
const SAMPLE = 12;

function judge({ world, ledger }: Told): void {
  expect(
    ledger.found.length === 0 ? [] : ledger.acknowledged.filter((line) => line.startsWith('first') && !ledger.found.includes(line)),
  ).toEqual([]);
  expect(leftovers(world)).toEqual([]);
  expect(world.invariants.violations).toEqual([]);
  expect(world.crashes).toEqual([]);
}

const whole = tell();

describe('a volume is provisioned, attached, mounted, written and moved', () => {
  test('without a fault: the second pod finds every line of the first, and nothing is left', () => {
    expect(whole.ledger.found.length).toBeGreaterThan(3);
    judge(whole);
  });

  const all = process.env['SLIPWAY_POWER_LOSS'] === 'all';
  const span = whole.events - whole.from;
  const count = all ? span : SAMPLE;
  const points = Array.from({ length: count }, (_, index) => whole.from + Math.floor(((index + 0.5) * span) / count));
  const losses: Loss[] = points.flatMap((event) => ['node-1', 'node-2'].map((node) => ({ node, event })));

  test.each(losses)('power of $node lost at event $event: no acknowledged line is lost, nothing leaks, the story ends', (loss) => {
    judge(tell(loss));
  });
});
