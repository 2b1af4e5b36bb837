import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runScenario } from '../../scenario/run-scenario.ts';
import { scenarioWorld } from '../../wiring/scenario-world.ts';
import { loadScenarios } from './scenario-input.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-own-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'shop.yaml');
const MODULES = {
  'carts.ts': `import { defineInvariant } from '@slipway/simulator';
export default defineInvariant({
  id: 'SHOP-01',
  holds: 'a shop has at most two carts',
  each: { deployments: ({ spec }) => (spec.replicas ?? 1) <= 2 || \`asks for \${spec.replicas} carts\` },
});
`,
  'calls.ts': `import { defineInvariant } from '@slipway/simulator';
export default [
  defineInvariant({
    id: 'SHOP-02',
    holds: 'no sandbox is made',
    watch: (_world, { violated, met }) => ({
      called: {
        'cri.RuntimeService/RunPodSandbox'({ actor }) {
          met();
          violated(\`\${actor} makes a sandbox\`);
        },
      },
    }),
  }),
];
`,
  'nothing.ts': 'export const x = 1;\n',
  'unfinished.ts': `export default { id: 'SHOP-03', holds: 'something', each: {} };\n`,
  'silent.ts': `export default { id: 'SHOP-04', watch: () => ({}) };\n`,
  'number.ts': 'export default 4;\n',
  'taken.ts': `export default { id: 'NET-01', holds: 'something', watch: () => ({}) };\n`,
};
for (const [name, text] of Object.entries(MODULES)) writeFileSync(join(folder, name), text);

const WEB = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { replicas: 2, selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: nginx }] } } } }`;
const textOf = (own: string, off = ''): string => `apiVersion: slipway.dev/v1alpha1
kind: Scenario
metadata: { name: shop }
spec:
  duration: 20s
  cluster: { nodes: [{ count: 1 }] }
  invariants: { ${off} own: [${own}] }
  steps:
    - { at: 5s, apply: ${WEB} }
    - { at: 10s, scale: { of: deployment/web, replicas: 3 } }
`;

async function run(own: string, off?: string) {
  const [loaded] = await loadScenarios({ file, text: textOf(own, off) }, []);
  if (!loaded) throw new Error('no scenario');
  const { world, cluster } = scenarioWorld(loaded.scenario, loaded.plugins);
  await runScenario(loaded.scenario, cluster);
  world.invariants.atRest();
  return world.invariants;
}

async function refusal(own: string): Promise<string> {
  try {
    await loadScenarios({ file, text: textOf(own) }, []);
    return 'accepted';
  } catch (error) {
    const { name, message } = error as Error;
    return name === 'InputError' ? message.replaceAll(`${folder}/`, '') : `${name}: ${message}`;
  }
}

describe('invariants of a scenario', () => {
  test('of objects: told once for each breach, with the id of its author', async () => {
    const { violations, preconditions } = await run('./carts.ts');
    expect(violations).toMatchObject([
      { id: 'SHOP-01', message: 'Deployment default/web asks for 3 carts', objects: ['Deployment default/web'] },
    ]);
    expect(preconditions.get('SHOP-01')).toBeGreaterThan(1);
  });

  test('of events: told of calls', async () => {
    const { violations } = await run('./calls.ts');
    expect(violations.map(({ id, message }) => `${id} ${message}`)).toEqual(Array(3).fill('SHOP-02 kubelet/node-1 makes a sandbox'));
  });

  test('in CEL: silent while it holds, told with what was found when it does not', async () => {
    const cel = (limit: number): string => `{ id: SHOP-05, holds: few carts, cel: "deployments.all(d, d.spec.replicas <= ${limit})" }`;
    const kept = await run(cel(3));
    expect(kept.violations).toEqual([]);
    expect(kept.preconditions.get('SHOP-05')).toBeGreaterThan(1);
    const { violations } = await run(cel(2));
    expect(violations).toHaveLength(1);
    expect(violations[0]).toMatchObject({ id: 'SHOP-05', at: expect.any(Number) as number });
    expect(violations[0]?.message).toMatch(/^few carts: .*web/);
  });

  test('switched off by its id like any other', async () => {
    const { violations, preconditions } = await run('./carts.ts', 'off: [{ id: SHOP-01, reason: sale }],');
    expect(violations).toEqual([]);
    expect(preconditions.has('SHOP-01')).toBe(false);
  });

  test.each([
    ['./carts.ts, ./carts.ts', 'shop.yaml:7:36: two invariants are called "SHOP-01"\n  give each an id of its own'],
    ['./taken.ts', 'shop.yaml:7:24: NET-01 is unique-address, which Slipway checks\n  choose an id of your own, such as SHOP-01'],
    ['./nowhere.ts', 'shop.yaml:7:24: there is no file ./nowhere.ts with an invariant'],
    ['./nothing.ts', './nothing.ts has no default export\n  write: export default defineInvariant('],
    ['./number.ts', './number.ts exports a number, no invariant'],
    ['./unfinished.ts', './unfinished.ts SHOP-03 is not finished\n  wrap it: defineInvariant({ … })'],
    ['./silent.ts', './silent.ts SHOP-04 does not say what holds'],
    ['{ id: "4 carts", cel: "pods.all(p, has(p.spec))" }', '"4 carts" is no id for an invariant'],
    ['{ id: SHOP-06, cel: "pods.size()" }', 'not true or false'],
    ['{ id: SHOP-06, cel: "pods.all(p, p.metadata.name != $lost)" }', 'no step keeps $lost'],
    ['{ id: SHOP-06, cel: "pots.all(p, has(p.spec))" }', 'nothing is called "pots"\n  did you mean "pods"?'],
  ])('%s is refused with what to write instead', async (own, message) => {
    expect(await refusal(own)).toContain(message);
  });
});
