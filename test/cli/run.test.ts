import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHOP, Workplace } from './slipway.ts';

const scenario = (expectations: string, more = ''): string => `# Teaches nothing.
apiVersion: slipway.dev/v1alpha1
kind: Scenario
metadata: { name: shop }
spec:
  seed: 3
  duration: 2m
${more}
  steps:
    - { at: 0s, apply: [shop.yaml] }
    - { at: 30s, powerOff: { nodeOf: deployment/web }, as: lost }
  expect:
${expectations}
`;

const HELD = `    - { from: 0s, within: 20s, condition: Available, of: deployment/web }
    - { at: 1m50s, object: { kind: Node, metadata: { name: $lost }, status: { conditions: [{ type: Ready, status: Unknown }] } } }
    - always: "pods.all(p, !has(p.status.phase) || p.status.phase != 'Failed')"
    - { at: 25s, reachable: { from: outside, to: "http://web/", is: false } }`;

const place = new Workplace({
  'shop.yaml': SHOP,
  'held.yaml': scenario(HELD),
  'broken.yaml': scenario(`${HELD}\n    - { at: 1m, count: 7, object: { kind: Pod }, because: seven is a good number }`),
  'fails.yaml': scenario(HELD, '  cluster: { nodes: [{ count: 2 }] }').replace(
    'as: lost }',
    'as: lost }\n    - { at: 40s, scale: { of: replicaset/web-nobody, replicas: 3 } }',
  ),
});

interface Report {
  readonly [key: string]: unknown;
  readonly expectations: readonly {
    readonly text: string;
    readonly held: boolean | null;
    readonly at: number | null;
    readonly message: string;
  }[];
}

async function json(...args: readonly string[]): Promise<{ readonly code: number | null; readonly report: Report }> {
  const { code, stdout, stderr } = await place.slipway(['run', ...args, '--json']);
  expect(stdout.trim().split('\n'), stderr).toHaveLength(1);
  return { code, report: JSON.parse(stdout) as Report };
}

describe('slipway run', () => {
  it('one JSON object with the documented keys for each scenario; exit 0 when all held', async () => {
    const { code, report } = await json('held.yaml');
    expect(report.expectations.filter(({ held }) => held !== true)).toEqual([]);
    expect(report).toMatchObject({
      scenario: 'shop',
      seed: 3,
      passed: true,
      virtualSeconds: 120,
      violations: [],
      failures: [],
      unreached: 0,
    });
    expect(Object.keys(report)).toEqual(expect.arrayContaining(['fingerprint', 'wallMs', 'events', 'calls', 'expectations', 'violations']));
    expect(report['fingerprint']).toMatch(/^[0-9a-f]{16}$/);
    expect(code).toBe(0);
  });

  it('the same fingerprint in another process, with any trace and without elision; another with another seed', async () => {
    const [first, again, traced, unelided, other] = await Promise.all([
      json('held.yaml'),
      json('held.yaml'),
      json('held.yaml', '--trace', 'held.ndjson', '--full'),
      json('held.yaml', '--no-elide'),
      json('held.yaml', '--seed', '4'),
    ]);
    for (const { report } of [again, traced, unelided]) expect(report['fingerprint']).toBe(first.report['fingerprint']);
    expect(other.report['fingerprint']).not.toBe(first.report['fingerprint']);
  });

  it('an expectation that does not hold: exit 1, with place, what was found, and why it matters', async () => {
    const { code, stdout } = await place.slipway(['run', 'broken.yaml']);
    expect(stdout).toMatch(/FAIL {2}shop: 4 of 5 expectations held\n/);
    expect(stdout).toMatch(/broken\.yaml:17:7: at: 1m, object: \{kind: Pod\}, count: 7\n/);
    expect(stdout).toContain('seven is a good number');
    expect(code).toBe(1);
  });

  it('a step that fails is a failure with its place', async () => {
    const { code, report } = await json('fails.yaml');
    expect(report).toMatchObject({ passed: false, failures: [{ at: 40_000_000, place: 'fails.yaml:12:7' }] });
    expect(code).toBe(1);
  });

  it('--until ends the run early: what was not judged stays open', async () => {
    const { code, report } = await json('held.yaml', '--until', '26s');
    expect(report.expectations.map(({ held }) => held)).toEqual([true, null, null, true]);
    expect(report).toMatchObject({ virtualSeconds: 26, unreached: 1 });
    expect(code).toBe(0);
  });

  it('--set changes anything of the spec', async () => {
    const { report } = await json('held.yaml', '--set', 'duration=1m', '--set', 'expect=[]', '--set', 'plugins.cni=bridge');
    expect(report).toMatchObject({ virtualSeconds: 60, expectations: [] });
  });

  it('--junit writes a case for each expectation', async () => {
    await place.slipway(['run', 'broken.yaml', '--junit', 'report.xml']);
    const xml = readFileSync(join(place.path, 'report.xml'), 'utf8');
    expect(xml).toContain('<testsuites name="slipway" tests="5" failures="1">');
    expect(xml.match(/<testcase /g)).toHaveLength(5);
  });
});

describe('slipway check', () => {
  it('counts what it read, and warns of what has no effect; runs nothing', async () => {
    const place = new Workplace({
      'shop.yaml': SHOP,
      'held.yaml': scenario(HELD),
      'role.yaml': 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: []\n',
    });
    const one = await place.slipway(['check', 'held.yaml', 'role.yaml']);
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('not simulated: Role default/r: kind: Role is stored') });
    expect(one.stdout).toContain('1 scenario, 3 objects: no mistake, 1 warning\n');
  });
});
