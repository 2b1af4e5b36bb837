import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ONE_POD, unwrapped, Workplace } from './slipway.ts';

/** A network whose second DEL of one attachment fails. */
const FORGETFUL = `import { CniError } from '@slipway/cni';
import { definePlugin } from '@slipway/plugin';

export default definePlugin({
  interface: 'cni',
  name: 'forgetful',
  create({ host }) {
    const given = new Set<string>();
    let last = 1;
    return {
      add({ containerId, netns, ifname, config }) {
        last += 1;
        given.add(containerId);
        const address = \`10.9.0.\${last}/16\`;
        host?.network.get(netns)?.addInterface({ name: ifname, kind: 'dummy', addresses: [address] });
        return { cniVersion: config.cniVersion, interfaces: [{ name: ifname, sandbox: netns }], ips: [{ address, interface: 0 }] };
      },
      del({ containerId, netns = '', ifname }) {
        if (!given.delete(containerId)) throw new CniError(100, 'no such attachment');
        const namespace = host?.network.get(netns);
        if (namespace?.interfaces.has(ifname)) namespace.removeInterface(ifname);
      },
    };
  },
});
`;

interface Report {
  readonly runs: number;
  readonly seedsPerSecond: number;
  readonly failures: readonly {
    readonly invariant: string;
    readonly seed: number;
    readonly path: string;
    readonly runs: number;
    readonly at: number;
    readonly message: string;
    readonly file: string;
    readonly nodes: number;
    readonly steps: number;
  }[];
  readonly preconditions: Record<string, number>;
  readonly faults: Record<string, number>;
  readonly sometimes: Record<string, number>;
}

describe('slipway fuzz', () => {
  const place = new Workplace({ 'story.yaml': ONE_POD, 'forgetful.ts': FORGETFUL });
  const bad = ['fuzz', 'story.yaml', '--set', 'plugins.cni=./forgetful.ts', '--runs', '6', '--json'];
  const reportOf = (text: string): Report => JSON.parse(text) as Report;

  test('finds a canary in any number of threads alike, and writes a scenario that breaks the same invariant', async () => {
    const [one, two] = await Promise.all([
      place.slipway([...bad, '--jobs', '1', '--out', 'one']),
      place.slipway([...bad, '--jobs', '2', '--out', 'two', '--junit', 'two.xml']),
    ]);
    expect([one.code, two.code]).toEqual([1, 1]);
    const { seedsPerSecond: _rate, ...report } = reportOf(one.stdout);
    const { seedsPerSecond: _other, ...same } = JSON.parse(two.stdout.replaceAll('two/', 'one/')) as Report;
    expect(same).toEqual(report);
    const failure = report.failures.find(({ invariant }) => invariant === 'NET-05');
    expect(failure).toMatchObject({ nodes: 1, file: expect.stringMatching(/^one\/one-pod-net-05-\d+\.yaml$/) as string });
    expect(failure?.steps).toBeLessThanOrEqual(2);
    expect(report.preconditions['NET-05']).toBeGreaterThan(0);
    expect(Object.keys(report.sometimes).length).toBeGreaterThan(10);
    expect(readFileSync(join(place.path, 'two.xml'), 'utf8')).toContain('name="NET-05"><failure message="at ');

    const replayed = await place.slipway(['run', failure?.file ?? '', '--json']);
    expect(replayed.code).toBe(1);
    const { violations } = JSON.parse(replayed.stdout) as { violations: { id: string; at: number; message: string }[] };
    expect(violations).toContainEqual({ id: 'NET-05', at: Math.round((failure?.at ?? 0) * 1_000_000), message: failure?.message });

    const again = await place.slipway([
      ...bad,
      '--seed',
      String(failure?.seed),
      ...(failure?.path === '' ? ['--runs', '1'] : ['--path', failure?.path ?? '']),
      '--out',
      'again',
    ]);
    expect(reportOf(again.stdout).failures.map(({ invariant, at, message }) => ({ invariant, at, message }))).toContainEqual({
      invariant: 'NET-05',
      at: failure?.at,
      message: failure?.message,
    });
  });

  test('is silent where nothing is wrong, and keeps seeds that showed something new', async () => {
    const ended = await place.slipway(['fuzz', 'story.yaml', '--runs', '4', '--jobs', '1', '--corpus', 'corpus']);
    expect(ended.stdout).toMatch(/^PASS {2}4 cases: nothing broke\n/);
    expect(ended.code).toBe(0);
    const { seeds } = JSON.parse(readFileSync(join(place.path, 'corpus/seeds.json'), 'utf8')) as {
      seeds: { story: string; seed: number }[];
    };
    expect(seeds[0]).toMatchObject({ story: 'one-pod', seed: 1 });
    expect(existsSync(join(place.path, 'slipway-failures'))).toBe(false);
    const more = await place.slipway(['fuzz', 'story.yaml', '--runs', '1', '--jobs', '1', '--corpus', 'corpus', '--json']);
    expect(reportOf(more.stdout).runs).toBe(1 + seeds.length);
  });

  test('what it cannot read is told with what to write instead', async () => {
    const wrong: readonly (readonly [args: string[], message: string])[] = [
      [['--only', 'lost-answr'], 'did you mean "lost-answer"?'],
      [['--runs', '0'], 'error: --runs 0 is no whole number from 1 on'],
      [['--time', 'soon'], 'write for example --time 30s, or 10m'],
      [['--path', '7:x'], '--path 7:x is no path'],
      [['--path', '999'], '--path 999: the path leads nowhere at its number 1, 999'],
    ];
    await place.each(wrong, async ([args, message]) => {
      const ended = await place.slipway(['fuzz', 'story.yaml', ...args]);
      expect(unwrapped(ended.stderr)).toContain(message);
      expect(ended.code).toBe(2);
      expect(ended.stdout).toBe('');
    });
  });
});
