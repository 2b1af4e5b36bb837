import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { run, type RunOptions } from '../run.ts';
import { stepThrough } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-step-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const POD = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { containers: [{ name: web, image: nginx }] }
`;
const SCENARIO = `# Teaches how a pod starts.
apiVersion: slipway.dev/v1alpha1
kind: Scenario
metadata: { name: pod }
spec:
  seed: 7
  duration: 30s
  cluster: { nodes: [{ count: 1 }], plugins: { csi: [], cpi: none } }
  steps:
    - { at: 2s, apply: [pod.yaml] }
  expect:
    - { from: 2s, within: 8s, condition: Ready, of: pod/web }
`;
const at = (name: string): string => join(folder, name);
writeFileSync(at('pod.yaml'), POD);
writeFileSync(at('scenario.yaml'), SCENARIO);

interface Ended {
  readonly code: number;
  readonly out: string;
}

/** Runs a command with its output caught. */
async function caught(command: () => Promise<number>): Promise<Ended> {
  let out = '';
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    return { code: await command(), out };
  } finally {
    spy.mockRestore();
  }
}

const options = (more: Partial<RunOptions> = {}): RunOptions => ({ set: [], elide: true, step: true, ...more });
const scripted = (commands: readonly string[], more?: Partial<RunOptions>): Promise<Ended> =>
  caught(() => stepThrough([at('scenario.yaml')], options(more), Readable.from([`${commands.join('\n')}\n`])));
const fingerprintOf = ({ out }: Ended): string | undefined => /fingerprint ([0-9a-f]{16})/.exec(out)?.[1];

describe('slipway run --step', () => {
  test('tells of each call who, why, the spec section and what if it failed, in 100 columns', async () => {
    const { code, out } = await scripted(['p cni', 'n', 'n', '?', 'q']);
    expect(code).toBe(0);
    expect(out).toContain('the scenario does: apply: pod.yaml');
    expect(out).toContain('containerd/node-1 → flannel/node-1: CNI.ADD(default/web)');
    expect(out).toMatch(/ within {3}CRI\.RunPodSandbox\(default\/web\)\n {12}why {6}the namespace is empty/);
    expect(out).toContain('spec     CNI 1.1, "ADD: Add container to network"');
    expect(out).toContain('if it failed here: the runtime calls DEL');
    expect(out).toMatch(/← flannel\/node-1 answers CNI\.ADD\(default\/web\): ok .*\(17\.5 ms\)/);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  test('injects a fault, and the file that it writes gives the same run', async () => {
    const file = at('broken.yaml');
    const stepped = await scripted(['p cni', 'n', 'f error 999', 'n', `w ${file}`, 'c', 'q']);
    expect(stepped.out).toContain('! fault at flannel/node-1, CNI.ADD(default/web): error 999');
    expect(stepped.out).toContain('written with one fault: the same run is\n');
    const text = readFileSync(file, 'utf8');
    expect(text.split('\n').filter((line) => !line.includes('fault:'))).toEqual(SCENARIO.split('\n'));
    const replayed = await caught(() => run([file], { set: [], elide: true }));
    expect(fingerprintOf(replayed)).toBe(fingerprintOf(stepped));
    // The kubelet tries again too late for the expectation.
    expect([stepped.code, replayed.code]).toEqual([1, 1]);
  });

  test('writes a fault behind the steps of an included file', async () => {
    writeFileSync(at('base.yaml'), SCENARIO.replace('  expect:\n    - { from: 2s, within: 8s, condition: Ready, of: pod/web }\n', ''));
    writeFileSync(
      at('more.yaml'),
      'apiVersion: slipway.dev/v1alpha1\nkind: Scenario\nmetadata: { name: more }\nspec:\n  include: [base.yaml]\n  duration: 30s\n  steps:\n    - { at: 20s, delete: pod/web }\n',
    );
    const file = at('more-broken.yaml');
    const commands = Readable.from([`p cni\nn\nf lose\nw ${file}\nc\n`]);
    const stepped = await caught(() => stepThrough([at('more.yaml')], options(), commands));
    expect(readFileSync(file, 'utf8')).toMatch(
      / {4}- \{ at: 0s, fault: .* loseAnswer: true, times: 1 \} \} # strikes at 2\.\d+ s\n {4}- \{ at: 20s/,
    );
    const replayed = await caught(() => run([file], { set: [], elide: true }));
    expect(fingerprintOf(replayed)).toBe(fingerprintOf(stepped));
  });

  test('takes single keys at a terminal', async () => {
    const raw: boolean[] = [];
    const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
    const session = caught(() => stepThrough([at('scenario.yaml')], options(), keyboard));
    keyboard.write(' fhbxq');
    const { code, out } = await session;
    expect(code).toBe(0);
    expect(out).toContain('what goes wrong?\n  e  error');
    expect(out).toContain('set: the call arrives and is never answered');
    expect(out).toContain('"x" is no command');
    expect(raw.at(-1)).toBe(false);
  });

  test('goes back, takes back, and ends as `slipway run` does', async () => {
    const file = at('other.yaml');
    const said = { set: ['plugins.cni=bridge'], seed: '3' };
    const stepped = await scripted(['n', 'f hang', 'n', 'b', 'u', 'b', 'b', 'b', 's', 'c', `w ${file}`], said);
    expect(stepped.out).toContain('taken back: hang');
    expect(stepped.out).toContain('the beginning: the cluster is about to come up');
    expect(stepped.out).toContain('cannot: this is the beginning');
    expect(stepped.out).toContain('written with no fault');
    const plain = await caught(() => run([at('scenario.yaml')], { ...said, elide: true }));
    const written = await caught(() => run([file], { set: [], elide: true }));
    expect(stepped.code).toBe(0);
    expect(fingerprintOf(plain)).toBe(fingerprintOf(stepped));
    expect(fingerprintOf(written)).toBe(fingerprintOf(stepped));
  });

  test('says what cannot be done, and goes on', async () => {
    const { code, out } = await scripted([
      'f hang',
      'w',
      'w',
      `w ${at('scenario.yaml')}`,
      `w ${at('pod.yaml')}`,
      `w ${at('no/such/x.yaml')}`,
      'zz',
      'c',
      'n',
    ]);
    expect(out).toContain('cannot: no call is on its way here');
    expect(out.match(/written with no fault/g)).toHaveLength(2);
    expect(out).toContain('is the scenario itself');
    expect(out).toContain('pod.yaml already');
    expect(out).toContain('there is no folder pod.yaml');
    expect(out).toContain('"zz" is no command');
    expect(out).toContain('cannot: this is the end');
    expect(code).toBe(0);
  });

  test('sets no fault with a code that the interface does not have, and says which it has', async () => {
    const { out } = await scripted(['p cni', 'n', 'f error FOO', '?', 'p cri', 'n', 'f refuse', 'n', 'f error UNAVAILABL', 'q']);
    expect(out).toContain('cannot: nothing is set: cni has no code "FOO"\n  its codes are 1, 2');
    expect(out).toContain('cannot: nothing is set: cri has no code "UNAVAILABL"\n  did you mean UNAVAILABLE?');
    expect(out.match(/^set: /gm)).toHaveLength(1);
    // The help lists what was set: nothing so far.
    expect(out).not.toContain('faults so far');
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100);
  });

  test('takes a name that no call was about so far, and says so', async () => {
    const { out } = await scripted(['p cni', 'n', 'p wbe', 'p web', 'p csi', 'p nosuch', 'n', 'q']);
    expect(out).toContain('stops only at calls about wbe\n  no call about wbe has been seen so far; did you mean web?; there were calls');
    for (const known of ['web', 'csi']) expect(out).toMatch(new RegExp(`stops only at calls about ${known}\\n>`));
    expect(out).toContain('stops only at calls about nosuch\n  no call about nosuch has been seen so far; there were calls');
    expect(out).toMatch(/there were calls about .*default\/web/);
  });

  test('refuses what it cannot go through', async () => {
    const through = (paths: readonly string[], more?: Partial<RunOptions>): Promise<number> =>
      stepThrough(paths, options(more), Readable.from([]));
    await expect(through([at('pod.yaml')])).rejects.toThrow('goes through a scenario');
    await expect(through([at('scenario.yaml'), at('other.yaml')])).rejects.toThrow('here are several');
    await expect(through(['-'])).rejects.toThrow('reads its commands from standard input');
    await expect(through([at('scenario.yaml')], { json: true })).rejects.toThrow('--json and --step exclude each other');
  });
});
