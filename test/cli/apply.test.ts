import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import xxhash from 'xxhash-wasm';
import { type Ended, SHOP, Workplace } from './slipway.ts';

const place = new Workplace({
  'shop.yaml': SHOP,
  'never.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: big}\nspec: {containers: [{name: c, image: x, resources: {requests: {cpu: 64}}}]}\n',
});
const json = ({ stdout }: Ended): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;
const keysOf = (value: unknown): string[] => Object.keys(value as object);

describe('slipway apply', () => {
  it('--json: one object with the documented keys, and nothing else on standard output', async () => {
    const done = await place.slipway(['apply', 'shop.yaml', '--json']);
    expect(done.code).toBe(0);
    expect(done.stdout.trim().split('\n')).toHaveLength(1);
    const report = json(done);
    expect(keysOf(report).sort()).toEqual(
      [
        'settled',
        'fingerprint',
        'virtualSeconds',
        'wallMs',
        'events',
        'calls',
        'pods',
        'placements',
        'warnings',
        'unready',
        'violations',
        'breaches',
      ].sort(),
    );
    expect(report).toMatchObject({
      settled: true,
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      pods: { total: 2, running: 2, ready: 2, succeeded: 0, pending: 0, failed: 0 },
      warnings: [],
      unready: [],
      violations: [],
      breaches: [],
    });
    expect(keysOf(report.placements)).toHaveLength(2);
    expect(done.stderr).toContain('settled after');
  });

  it('not ready: exit 1, and why', async () => {
    const done = await place.slipway(['apply', 'never.yaml', '--json']);
    expect(done.code).toBe(1);
    expect(json(done)).toMatchObject({
      settled: true,
      pods: { total: 1, pending: 1, ready: 0 },
      unready: [{ object: 'Pod default/big', reason: 'Unschedulable', message: expect.stringContaining('Insufficient cpu') as unknown }],
    });
    expect(done.stderr).toContain('not ready: Pod default/big: Unschedulable');
  });

  it('for people: tables as kubectl has them; wide has more columns', async () => {
    const [plain, wide] = await Promise.all([
      place.slipway(['apply', '-'], { input: SHOP }),
      place.slipway(['apply', '.', '-o', 'wide', '--for', '1m']),
    ]);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toMatch(/^NAME +STATUS +ROLES +AGE +VERSION$/m);
    expect(plain.stdout).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE$/m);
    expect(plain.stdout).toMatch(/^pod\/web-\S+ +1\/1 +Running +0 /m);
    expect(plain.stdout).toMatch(/^deployment\.apps\/web +2\/2 +2 +2 /m);
    // The folder holds the pod that never runs, too.
    expect(wide.code).toBe(1);
    expect(wide.stdout).toMatch(/^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE /m);
    expect(wide.stdout).toMatch(/^pod\/big +0\/1 +Pending /m);
  });

  it('-o json and yaml: the final objects as a List, alone on standard output', async () => {
    const [asJson, asYaml] = await Promise.all([
      place.slipway(['apply', 'shop.yaml', '-o', 'json']),
      place.slipway(['apply', 'shop.yaml', '-o', 'yaml']),
    ]);
    const list = json(asJson) as { kind: string; items: { kind: string; status?: { phase?: string } }[] };
    expect(list.kind).toBe('List');
    expect(list.items.filter(({ kind, status }) => kind === 'Pod' && status?.phase === 'Running')).toHaveLength(2);
    expect(list.items.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['Node', 'Deployment', 'ReplicaSet', 'Service', 'EndpointSlice']),
    );
    expect(parse(asYaml.stdout)).toEqual(list);
  });

  it('-o yaml: can be applied again', async () => {
    const { stdout } = await place.slipway(['apply', 'shop.yaml', '-o', 'json']);
    const again = await place.slipway(['apply', '-', '--json'], { input: stdout });
    expect([again.code, again.stderr.includes('error')]).toEqual([0, false]);
  });
});

describe('fingerprint', () => {
  it('the same in every process, with or without trace or elision, wherever it runs; another seed makes another', async () => {
    const { create64 } = await xxhash();
    const run = async (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<unknown> =>
      json(await place.slipway(['apply', 'shop.yaml', '--json', ...args], env === undefined ? {} : { env })).fingerprint;
    const first = await run([]);
    const same = await Promise.all([
      run([]),
      run([], { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Tokyo' }),
      run(['--trace', 'trace.ndjson']),
      run(['--trace', 'full.ndjson', '--full']),
      run(['--trace', 'picture.mmd']),
      run(['--trace', 'story.txt']),
      run(['--no-elide']),
    ]);
    expect(same).toEqual(same.map(() => first));
    const others = await Promise.all([run(['--seed', '2']), run(['--seed', 'x']), run(['--set', 'seed=2'])]);
    expect(new Set([first, ...others]).size).toBe(3);
    expect(others[2]).toBe(others[0]);

    const read = (name: string): string => readFileSync(join(place.path, name), 'utf8');
    const trace = read('trace.ndjson');
    expect(create64().update(trace).digest().toString(16).padStart(16, '0')).toBe(first);
    const lines = trace.trimEnd().split('\n');
    expect(keysOf(JSON.parse(lines[0] ?? ''))).toEqual(expect.arrayContaining(['seq', 'at', 'actor', 'kind', 'name', 'cause', 'data']));
    const full = read('full.ndjson').trimEnd().split('\n');
    expect(full.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(
      lines.map((line) => (JSON.parse(line) as { seq: number }).seq),
    );
    expect(read('picture.mmd')).toMatch(/^sequenceDiagram\n {2}participant /);
    expect(read('story.txt').trimEnd().split('\n')).toHaveLength(lines.length);
  });
});
