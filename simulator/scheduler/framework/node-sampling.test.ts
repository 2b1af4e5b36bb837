import { expect, test } from 'vitest';
import { numFeasibleNodesToFind } from './node-sampling.ts';

test.each([
  [50, 50],
  [99, 99],
  [100, 100],
  [125, 100],
  [249, 122],
  [250, 120],
  [500, 230],
  [1000, 420],
  [1250, 500],
  [2000, 680],
  [5000, 500],
  [5625, 281],
  [6000, 300],
  [10000, 500],
])('numFeasibleNodesToFind: %i nodes, adaptive, gives %i', (nodes, expected) => {
  expect(numFeasibleNodesToFind(nodes)).toBe(expected);
});

test('numFeasibleNodesToFind: a fixed 30 % still finds at least 100', () => {
  expect(numFeasibleNodesToFind(200, 30)).toBe(100);
  expect(numFeasibleNodesToFind(1000, 30)).toBe(300);
});
