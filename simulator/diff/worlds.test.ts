import { readFileSync } from 'node:fs';
import { flannel } from '@slipway/cni/mocks';
import { seconds } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import { beforeAll, describe, expect, it } from 'vitest';
import { applyManifests } from '../manifests/apply-manifests.ts';
import { loadManifests } from '../manifests/load-manifests.ts';
import { type PluginChoices, worldFactory } from '../wiring/container.ts';
import { diffRuns, type KeptRun, type RunDiff } from './diff-runs.ts';
import { diffReport } from './json.ts';
import { diffMermaid } from './mermaid.ts';
import type { SideTitle } from './sides.ts';
import { diffText } from './text.ts';

const FILE = 'scenarios/hello/six-interfaces.yaml';
const TEXT = readFileSync(new URL(`../../${FILE}`, import.meta.url), 'utf8');

/** Half a minute of the pod that meets all six interfaces. */
async function run(plugins: PluginChoices, seed = 1): Promise<KeptRun> {
  const nodes = ['node-1', 'node-2'].map((name) => ({ name }));
  const world = worldFactory(plugins)({ seed, nodes, trace: { keep: true } });
  const { objects } = loadManifests([{ file: FILE, text: TEXT }]);
  await world.kernel.completeAsync(world.user, 'apply', applyManifests(world, objects, ['node-1', 'node-2']));
  await world.kernel.runAsync({ until: seconds(30) });
  const final: KubeObject[] = [];
  for (const { plural } of world.server.kinds()) final.push(...world.server.objects(plural));
  return { trace: world.recorder.kept, objects: final, fingerprint: world.fingerprint, endedAt: world.kernel.now };
}

const side = (title: string, { trace, fingerprint, endedAt }: KeptRun): SideTitle => ({
  title,
  events: trace.length,
  fingerprint,
  endedAt,
});

/** Whatever it says, it fits a terminal and can be drawn. */
function shown(diff: RunDiff, left: KeptRun, right: KeptRun): string {
  const titles = [side('left side', left), side('right side', right)] as const;
  const text = diffText(diff, ...titles);
  expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  for (const line of diffMermaid(diff, ...titles).split('\n')) expect(line).toMatch(MERMAID);
  const report = diffReport(diff, ...titles);
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  return text;
}

/** The few forms of a line that the diagram uses; in a text no sign that Mermaid would take for its own. */
const MERMAID =
  /^(sequenceDiagram|\s+(participant p\d+ as [^;#:%]+|p\d+-?->>p\d+: [^;#:%]+|Note over p\d+(,p\d+)?: [^;#:%]+|rect rgb\(\d+, \d+, \d+\)|end))$/;

/** What most tests compare with. A run is not changed by comparing it, so one does for all. */
let plain: KeptRun;

beforeAll(async () => {
  plain = await run({});
});

describe('two runs of one input', () => {
  it('with another seed: the same, since only generated names differ', async () => {
    const [left, right] = [plain, await run({}, 2)];
    expect(left.fingerprint).not.toBe(right.fingerprint);
    const diff = diffRuns(left, right);
    expect(diff.first).toBeUndefined();
    expect(diff.objects).toEqual([]);
    expect(diff.calls).toMatchObject({ methods: [], onlyLeft: [], onlyRight: [] });
    expect(diff.timing).toEqual({ methods: [], milestones: [] });
    expect(shown(diff, left, right)).toContain(`the two runs are the same: ${left.trace.length} events`);
  });

  it('with a slower network: the same until ADD is answered, and everything after it comes later', async () => {
    const slow = { ...flannel, latency: { ...flannel.latency, add: '250ms' } };
    const [left, right] = [plain, await run({ cni: { use: slow } })];
    const diff = diffRuns(left, right);
    expect(diff.first).toMatchObject({
      kind: 'time',
      left: { kind: 'answer', name: 'cni.Plugin/Add' },
      right: { kind: 'answer', name: 'cni.Plugin/Add' },
    });
    expect(diff.first?.sameUntil).toBeLessThan(diff.first?.at ?? 0);
    expect(diff.interfaces.map((one) => [one.interface, one.kind])).toEqual([
      ['cni', 'took'],
      ['cri', 'took'],
    ]);
    expect(diff.calls.onlyLeft).toEqual([]);
    expect(diff.timing.milestones).toContainEqual(
      expect.objectContaining({ reached: 'Ready', object: expect.stringMatching(/^Pod /) as string }),
    );
    expect(diff.objects).toEqual([]);
    expect(shown(diff, left, right)).toMatch(/it took 17\.5 ms on the left, 250 ms on the right/);
  });

  it('with a mesh: the mesh is asked, the pod has a proxy, and is ready later', async () => {
    const [left, right] = [plain, await run({ smi: { use: 'linkerd' } })];
    const diff = diffRuns(left, right);
    expect(diff.first).toMatchObject({ kind: 'only right', left: undefined, right: { actor: 'linkerd-agent' } });
    expect(diff.calls.onlyRight.map(({ method }) => method)).toContain('smi.Mesh/Inject');
    expect(diff.objects.map(({ field }) => field)).toContain('spec.containers[linkerd-proxy]');
    const ready = diff.timing.milestones.find(({ object, reached }) => object.startsWith('Pod ') && reached === 'Ready');
    expect(ready?.right).toBeGreaterThan(ready?.left ?? Number.POSITIVE_INFINITY);
    const text = shown(diff, left, right);
    expect(text).toMatch(/Ready at \d+\.\d{3} s → \d+\.\d{3} s \([\d.]+ s later\)/);
  });

  it('with another runtime: one is the other by its role, and no sandbox process is made', async () => {
    const [left, right] = [plain, await run({ cri: { use: 'crio' } })];
    const diff = diffRuns(left, right);
    expect(diff.calls.onlyLeft.map(({ method, count }) => [method, count])).toEqual([
      ['oci.Runtime/Create', 1],
      ['oci.Runtime/Start', 1],
    ]);
    expect(diff.calls.onlyRight).toEqual([]);
    expect(shown(diff, left, right)).toContain('status.nodeInfo.containerRuntimeVersion: containerd://');
  });

  it('with another network: left and right swapped say the mirrored thing', async () => {
    const [left, right] = [plain, await run({ cni: { use: 'bridge' } })];
    const [forth, back] = [diffRuns(left, right), diffRuns(right, left)];
    expect([back.first?.same, back.first?.left, back.first?.right]).toEqual([forth.first?.same, forth.first?.right, forth.first?.left]);
    expect(back.calls.onlyLeft).toEqual(forth.calls.onlyRight);
    expect(back.calls.onlyRight).toEqual(forth.calls.onlyLeft);
    const changes = { added: 'removed', removed: 'added', changed: 'changed' } as const;
    expect(back.objects.map(({ object, change, field }) => [object, changes[change], field])).toEqual(
      forth.objects.map(({ object, change, field }) => [object, change, field]),
    );
    expect(back.timing.methods.map(({ method, most }) => [method, most])).toEqual(
      forth.timing.methods.map(({ method, most }) => [method, -most]),
    );
    shown(forth, left, right);
  });
});
