import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { scenarioJsonSchema } from '../simulator/scenario/json-schema.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const shipped = readdirSync(join(root, 'scenarios')).filter((name) => name.endsWith('.yaml'));

describe('the published JSON Schema of scenarios', () => {
  test('is what the loader reads by (npx vitest run test/scenario-schema.test.ts -u writes it anew)', async () => {
    await expect(`${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot('../simulator/scenario.schema.json');
  });

  const validate = new Ajv({ strict: false, validateFormats: false }).compile(scenarioJsonSchema());

  test.each(shipped)('accepts %s', (name) => {
    for (const document of parseAllDocuments(readFileSync(join(root, 'scenarios', name), 'utf8'), { merge: true })) {
      expect(validate(document.toJS()), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  test('refuses what the loader refuses: unknown keys and wrong types', () => {
    const scenario = (spec: object): object => ({ apiVersion: 'slipway.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'x' }, spec });
    expect(validate(scenario({ steps: [{ apply: ['a.yaml'] }] }))).toBe(true);
    for (const spec of [{ stepz: [] }, { steps: [{ appli: [] }] }, { seed: [] }, { cluster: { nodes: [{ count: 'two' }] } }])
      expect(validate(scenario(spec)), JSON.stringify(spec)).toBe(false);
  });
});
