import * as z from 'zod';
import { scenarioSchema } from './schema.ts';

/** Where editors find the published schema, from a scenario in this repository's `scenarios/`. */
export const SCHEMA_FILE = 'scenario.schema.json';

/** The form of a scenario file as JSON Schema (draft 7, as editors read it): completion, descriptions, and red lines under mistakes. */
export function scenarioJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(scenarioSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return { $schema, title: 'Slipway scenario', ...schema };
}
