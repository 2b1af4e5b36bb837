import { describe, expect, test } from 'vitest';
import { invariants } from './index.ts';
import { Lab } from './testing/lab.ts';

describe('the list of rows', () => {
  test('each has an id and a name of its own, and says what holds', () => {
    for (const key of ['id', 'name', 'holds'] as const) {
      const values = invariants.map((row) => row[key]);
      expect(new Set(values).size).toBe(values.length);
    }
    expect(invariants.filter(({ id }) => !/^[A-Z]{3}-\d\d$/.test(id))).toEqual([]);
  });

  test('has what the first milestone asks for', () => {
    const ids = invariants.map(({ id }) => id);
    const wanted = 'SCH-01 SCH-02 SCH-03 KUB-01 KUB-04 KUB-06 KUB-10 CRI-01 CRI-03 NET-01 NET-05 NET-06 API-01 API-02 API-04 SIM-01 SIM-02';
    expect(ids).toEqual(expect.arrayContaining(wanted.split(' ')));
  });

  test('a row that is left out reports nothing', () => {
    for (const rows of [['KUB-01'], ['KUB-13']]) {
      const lab = new Lab(rows);
      const pod = lab.pod('a');
      lab.bind('a', 'node-1');
      lab.status(pod, { phase: 'Failed' });
      lab.status(pod, { phase: 'Running' });
      expect(lab.broken).toEqual(rows.includes('KUB-01') ? ['KUB-01'] : []);
    }
  });
});
