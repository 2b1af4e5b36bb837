import { describe, expect, test } from 'vitest';
import type { RunReport } from './run-report.ts';
import { countedBreaches, runText } from './run-text.ts';

const report: RunReport = {
  scenario: 'x',
  file: 'x.yaml',
  seed: 1,
  passed: false,
  fingerprint: '0123456789abcdef',
  virtualSeconds: 60,
  wallMs: 12,
  events: 34,
  calls: {},
  expectations: [],
  failures: [],
  unreached: 0,
  violations: [],
  breaches: [],
  warnings: [],
};
const long = 'Deployment default/web: Available is False, not True, and here is why it is so '.repeat(4);

describe('the report of a run', () => {
  test('no line is wider than 100 columns, and nothing is lost', () => {
    const text = runText(
      {
        ...report,
        expectations: [{ text: long, held: false, at: 1, message: long, because: long, place: 'some/folder/x.yaml:1:2' }],
        failures: [{ text: long, at: 2, message: long, place: 'some/folder/x.yaml:3:4' }],
        violations: [{ id: 'NET-01', at: 3, message: long }],
      },
      'FAIL',
    );
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(text.replace(/\s+/g, ' ').split(long.trim())).toHaveLength(7);
  });

  test('what a plugin does wrong over and over is told once', () => {
    const breach = { plugin: 'mine', call: 'cni.Plugin/Add', rule: 'cni.add.result-valid', message: 'no address' };
    const counts = countedBreaches({
      ...report,
      breaches: [
        { ...breach, at: 1 },
        { ...breach, at: 2 },
        { ...breach, message: 'other', at: 3 },
      ],
    });
    expect([...counts.values()]).toEqual([2, 1]);
    expect([...counts.keys()][0]).toContain('plugin mine broke its spec in cni.Plugin/Add at 0.000001 s');
  });
});
