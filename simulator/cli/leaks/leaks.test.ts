import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../main.ts';
import { guardHost } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-leaks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

interface Parts {
  readonly imports?: readonly string[];
  readonly module?: readonly string[];
  readonly add?: readonly string[];
}

/** A right network with something beside it, a statement a line. */
const network = (name: string, { imports = [], module = [], add = [] }: Parts): string =>
  file(
    `${name}.ts`,
    [
      ...imports,
      ...module,
      'export default {',
      `  interface: 'cni', name: '${name}',`,
      '  create: ({ host }: any) => { let last = 1; return {',
      '    add({ netns, ifname, config }: any) {',
      '      last += 1;',
      ...add,
      '      const address = `10.9.0.${last}/16`;',
      "      host.network.get(netns)?.addInterface({ name: ifname, kind: 'dummy', addresses: [address] });",
      '      return { cniVersion: config.cniVersion, interfaces: [{ name: ifname, sandbox: netns }], ips: [{ address, interface: 0 }] };',
      '    },',
      "    del({ netns = '', ifname }: any) {",
      '      const namespace = host.network.get(netns);',
      '      if (namespace?.interfaces.has(ifname)) namespace.removeInterface(ifname);',
      '    },',
      '  }; },',
      '};',
    ].join('\n'),
  );

const POD = '{ apiVersion: v1, kind: Pod, metadata: { name: a }, spec: { containers: [{ name: a, image: nginx }] } }';
const story = (name: string, cluster: string, more = ''): string =>
  file(
    `${name}.yaml`,
    `apiVersion: slipway.dev/v1alpha1\nkind: Scenario\nmetadata: { name: ${name} }\nspec:\n  cluster: { nodes: [{ count: 1 }], ${cluster} }\n  steps: [{ apply: ${POD} }]\n${more}`,
  );
const withNetwork = (name: string): string => story(name, `plugins: { cpi: none, cni: ./${name}.ts }`);

interface Violation {
  readonly id: string;
  readonly at: number;
  readonly message: string;
}

async function slipway(...argv: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly text: string }> {
  const [out, all]: [string[], string[]] = [[], []];
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')] as const;
  spies[0].mockImplementation((chunk) => out.push(String(chunk)) + all.push(String(chunk)) > 0);
  spies[1].mockImplementation((chunk) => all.push(String(chunk)) > 0);
  const code = await main(argv).finally(() => spies.map((spy) => spy.mockRestore()));
  return { code, out: out.join(''), text: all.join('').replace(/\s+/g, ' ') };
}

async function violations(...argv: readonly string[]): Promise<readonly Violation[]> {
  const { code, out } = await slipway('run', ...argv, '--json');
  const found = out
    .trim()
    .split('\n')
    .flatMap((line) => (JSON.parse(line) as { readonly violations: readonly Violation[] }).violations);
  expect(code).toBe(found.length > 0 ? 1 : 0);
  return found;
}

/** A statement, the row that it breaks, and what stands in the message. */
const LEAKS: readonly (readonly [statement: string, id: string, what: string])[] = [
  ['Date.now();', 'SIM-02', 'Date.now'],
  ['new Date();', 'SIM-02', 'new Date()'],
  ['Date();', 'SIM-02', 'Date()'],
  ['new (class extends Date {})();', 'SIM-02', 'new Date()'],
  ['performance.now();', 'SIM-02', 'performance.now'],
  ['process.hrtime();', 'SIM-02', 'process.hrtime'],
  ['process.hrtime.bigint();', 'SIM-02', 'process.hrtime.bigint'],
  ['process.uptime();', 'SIM-02', 'process.uptime'],
  ['process.memoryUsage();', 'SIM-02', 'process.memoryUsage'],
  ['clearTimeout(setTimeout(() => {}, 0));', 'SIM-02', 'setTimeout'],
  ['clearInterval(setInterval(() => {}, 9));', 'SIM-02', 'setInterval'],
  ['clearImmediate(setImmediate(() => {}));', 'SIM-02', 'setImmediate'],
  ['void wait(0);', 'SIM-02', 'setTimeout'],
  ["eval('Date.now()');", 'SIM-02', 'Date.now'],
  ['Math.random();', 'SIM-01', 'Math.random'],
  ['[1].map(Math.random);', 'SIM-01', 'Math.random'],
  ['randomUUID();', 'SIM-01', 'crypto.randomUUID'],
  ['crypto.randomUUID();', 'SIM-01', 'crypto.randomUUID'],
  ['crypto.getRandomValues(new Uint8Array(1));', 'SIM-01', 'crypto.getRandomValues'],
  ['randomBytes(1);', 'SIM-01', 'crypto.randomBytes'],
  ['os.hostname();', 'SIM-01', 'os.hostname'],
  ['cpus();', 'SIM-01', 'os.cpus'],
  ['void process.env.HOME;', 'SIM-01', 'process.env.HOME'],
  ["void ('HOME' in env);", 'SIM-01', 'process.env.HOME'],
  ['Object.keys(env);', 'SIM-01', 'process.env'],
  ['void process.pid;', 'SIM-01', 'process.pid'],
  ['process.cwd();', 'SIM-01', 'process.cwd'],
  ['readdirSync(".");', 'SIM-01', 'fs.readdirSync'],
  ['void readFile("/etc/hostname").catch(() => {});', 'SIM-01', 'fs.promises.readFile'],
  ['new WeakRef({}).deref();', 'SIM-01', 'WeakRef.prototype.deref'],
  ["'a'.localeCompare('b');", 'SIM-01', 'String.prototype.localeCompare'],
  ['(5).toLocaleString();', 'SIM-01', 'Number.prototype.toLocaleString'],
  ['new Intl.Collator();', 'SIM-01', 'Intl.Collator'],
  ['new Date(0).getHours();', 'SIM-01', 'Date.prototype.getHours'],
  ['new Date(2024, 1, 1);', 'SIM-01', 'new Date(…)'],
  ["new Date('2024-01-01T10:00:00');", 'SIM-01', 'new Date(…)'],
];

/** What two runs have in common. */
const HARMLESS: readonly string[] = [
  "new Date(5).toISOString(); new Date('2024-01-01T10:00:00Z').getTime(); Date.UTC(2024, 1, 1); Date.parse('2024-01-01');",
  "'a'.localeCompare('b', 'en'); new Intl.NumberFormat('en').format(5); Math.floor(1.5);",
  'queueMicrotask(() => {}); structuredClone({}); process.nextTick(() => {}); console.assert(true);',
];

const IMPORTS = [
  "import { randomBytes, randomUUID } from 'node:crypto';",
  "import { readdirSync } from 'fs';",
  "import { readFile } from 'node:fs/promises';",
  "import os, { cpus } from 'node:os';",
  "import { env } from 'node:process';",
  "import { setTimeout as wait } from 'node:timers/promises';",
];

describe('a run', () => {
  test('each leak is told once, with its row, its place and what to write instead', async () => {
    const own = network('leaky', { imports: IMPORTS, add: LEAKS.map(([statement]) => statement) });
    const found = await violations(withNetwork('leaky'));
    const before = IMPORTS.length + 5;
    const told = found.map(({ id, message }) => {
      const [, path = '', line = '', what = ''] = /^(.*leaky\.ts):(\d+):\d+ [^(]*\((.+)\): \S/.exec(message) ?? [];
      expect(own.endsWith(path.replace(/^(\.\.\/)+/, '')), message).toBe(true);
      return [LEAKS[Number(line) - before - 1]?.[0], id, what];
    });
    expect(told).toEqual(LEAKS);
    expect(new Set(found.map(({ at }) => at)).size).toBe(1);
  });

  test('a right plugin, and a run of built-in ones, report nothing, however often they run', async () => {
    network('right', { add: HARMLESS });
    expect(await violations(withNetwork('right'), story('built-in', 'plugins: { cpi: none }'), '--twice')).toEqual([]);
  });

  test('a leak while the module loads is told of the scenarios that have it', async () => {
    network('early', { module: ['const began = Date.now();', 'void began;'] });
    network('late', { add: ['Date.now();'] });
    const { out } = await slipway('run', withNetwork('early'), withNetwork('late'), '--json');
    const [early, late] = out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly violations: readonly Violation[] }).violations);
    expect(early).toEqual([
      { id: 'SIM-02', at: 0, message: expect.stringMatching(/early\.ts:1:\d+ reads the host's clock while it loads \(Date\.now\): use/) },
    ]);
    expect(late).toEqual([{ id: 'SIM-02', at: expect.any(Number), message: expect.stringMatching(/late\.ts:6:\d+ reads/) }]);
  });

  test('own invariants and own controllers are watched too, and a row that is off says nothing', async () => {
    file(
      'rule.ts',
      `import { defineInvariant } from '@slipway/simulator';\nexport default defineInvariant({ id: 'OWN-1', holds: 'x', each: { pods: () => Math.random() < 2 } });\n`,
    );
    file(
      'part.ts',
      `export default { interface: 'controller', name: 'part', create: () => ({ name: 'part', watches: [{ resource: 'pods' }], *reconcile() { Date.now(); } }) };\n`,
    );
    const path = story(
      'parts',
      'plugins: { cpi: none }, controlPlane: { controllers: { part: ./part.ts } }',
      '  invariants: { own: [./rule.ts] }\n',
    );
    const ids = (found: readonly Violation[]): readonly string[] => found.map(({ id }) => id).toSorted();
    expect(ids(await violations(path))).toEqual(['SIM-01', 'SIM-02']);
    const off = story(
      'off',
      'plugins: { cpi: none }, controlPlane: { controllers: { part: ./part.ts } }',
      '  invariants: { own: [./rule.ts], off: [{ id: SIM-02, reason: its clock is wanted }] }\n',
    );
    expect(ids(await violations(off))).toEqual(['SIM-01']);
  });

  test('state that outlives a world is found when it runs twice, with both events', async () => {
    network('stateful', { module: ['let given = 1;'], add: ['given += 1; last = given;'] });
    const path = withNetwork('stateful');
    expect(await violations(path)).toEqual([]);
    const [found, ...more] = await violations(path, '--twice');
    expect(more).toEqual([]);
    expect(found).toMatchObject({ id: 'SIM-01', message: expect.stringMatching(/^the same run once more has .*, where it had /) });
    const [now, before] = [...(found?.message.matchAll(/10\.9\.0\.(\d+)/g) ?? [])].map(([, number]) => Number(number));
    expect(now).toBe(Number(before) + 1);
  });
});

test('other commands tell of a leak too', async () => {
  const own = network('told', { add: ['Math.random();'] });
  const told = /invariant SIM-01 broken.*: .*told\.ts:6:\d+ draws from the host's randomness \(Math\.random\): use context\.random/;
  const pod = file('pod.yaml', POD);
  for (const [code, ...argv] of [
    [1, 'apply', pod, '--nodes', '1', '--set', `plugins.cni=${own}`],
    [0, 'explain', withNetwork('told')],
    [1, 'conformance', 'cni', '--plugin', own],
  ] as const) {
    const ended = await slipway(...argv);
    expect(ended.text, argv[0]).toMatch(told);
    expect(ended.code, argv[0]).toBe(code);
  }
});

describe('a search', () => {
  interface Report {
    readonly failures: readonly { readonly invariant: string; readonly message: string; readonly file: string }[];
    readonly preconditions: Readonly<Record<string, number>>;
  }
  const searching = async (name: string, seed = 1): Promise<Report> => {
    const search = ['fuzz', withNetwork(name), '--jobs', '1', '--runs', '1', '--seed', `${seed}`, '--out', join(folder, 'out'), '--json'];
    return JSON.parse((await slipway(...search)).out) as Report;
  };

  test('the story as it is written runs twice, and so does one seed of fifty; a right plugin breaks nothing', async () => {
    network('good', { add: HARMLESS });
    expect(await searching('good', 49)).toMatchObject({ failures: [], preconditions: { 'SIM-01': 1 } });
    expect(await searching('good', 50)).toMatchObject({ failures: [], preconditions: { 'SIM-01': 2 } });
  });

  test('a leak is a finding, and its small case leaks again', async () => {
    network('drawing', { add: ['Math.random();'] });
    const [failure] = (await searching('drawing')).failures;
    expect(failure).toMatchObject({ invariant: 'SIM-01', message: expect.stringMatching(/drawing\.ts:6:\d+ draws/) });
    expect((await violations(failure?.file ?? '')).map(({ id }) => id)).toEqual(['SIM-01']);
  });

  test('state that outlives a world is found, and its small case differs again', async () => {
    network('counting', { module: ['let given = 1;'], add: ['given += 1; last = given % 200;'] });
    const [failure] = (await searching('counting')).failures;
    expect(failure).toMatchObject({ invariant: 'SIM-01', message: expect.stringMatching(/^the same run once more/) });
    expect((await violations(failure?.file ?? '', '--twice')).map(({ id }) => id)).toEqual(['SIM-01']);
  });
});

describe('guards', () => {
  beforeAll(guardHost);

  test('everybody gets what they got before', async () => {
    expect(new Date()).toBeInstanceOf(Date);
    expect(new Date(7).constructor).toBe(Date);
    expect(Math.abs(Date.now() - new Date().getTime())).toBeLessThan(1_000);
    expect([Date.length, Date.name, typeof Date(), Date.UTC(1970, 0, 1)]).toEqual([7, 'Date', 'string', 0]);
    class Later extends Date {}
    expect(new Later(5)).toBeInstanceOf(Later);
    expect(new Later(5).getTime()).toBe(5);
    expect(await promisify(setTimeout)(0, 'value')).toBe('value');
    expect(process.memoryUsage.rss()).toBeGreaterThan(0);
    expect(new WeakRef(Date).deref()).toBe(Date);
    expect(new Intl.NumberFormat('en')).toBeInstanceOf(Intl.NumberFormat);
    process.env['SLIPWAY_LEAKS_TEST'] = 'set';
    expect(process.env['SLIPWAY_LEAKS_TEST']).toBe('set');
    delete process.env['SLIPWAY_LEAKS_TEST'];
    const { randomUUID } = await import('node:crypto');
    expect(randomUUID()).toHaveLength(36);
  });
});
