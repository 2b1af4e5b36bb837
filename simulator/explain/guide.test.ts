import * as client from '@slipway/client';
import * as cloud from '@slipway/cloud';
import * as cni from '@slipway/cni';
import * as cpi from '@slipway/cpi';
import * as cri from '@slipway/cri';
import * as csi from '@slipway/csi';
import { methodTitle } from '@slipway/kernel';
import * as oci from '@slipway/oci';
import * as smi from '@slipway/smi';
import { describe, expect, test } from 'vitest';
import { guidedNames, guideTo } from './guide.ts';

interface Described {
  readonly interface: string;
  readonly name: string;
  readonly methods: Readonly<Record<string, unknown>>;
}

const isService = (value: unknown): value is Described =>
  typeof value === 'object' && value !== null && 'methods' in value && 'interface' in value && 'name' in value;

const services = [client, cloud, cni, cpi, cri, csi, oci, smi].flatMap((contract) => Object.values(contract).filter(isService));
const titles = services.flatMap((service) => Object.keys(service.methods).map((method) => methodTitle(service, method)));

describe('guideTo', () => {
  test('guide: every method of every contract has an entry', () => {
    expect(services.length).toBeGreaterThan(15);
    expect(titles.filter((title) => guideTo(title) === undefined)).toEqual([]);
  });

  test('guide: every entry is a method, a decision of the scheduler or a request', () => {
    const known = new Set([...titles, 'scheduler/schedule', 'traffic/request']);
    expect(guidedNames().filter((name) => !known.has(name))).toEqual([]);
  });

  test('guide: every text is there, in one line, and short enough to be read', () => {
    for (const name of guidedNames()) {
      const { why, spec, ifItFails } = guideTo(name) ?? { why: '', spec: '', ifItFails: '' };
      expect(why.length, name).toBeGreaterThan(10);
      expect(why.length, name).toBeLessThan(140);
      expect(spec.length, name).toBeLessThan(80);
      expect(ifItFails.length, name).toBeLessThan(240);
      expect(`${why}${spec}${ifItFails}`, name).not.toMatch(/\n|\.$/);
    }
  });
});
