import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TraceRecord } from '@slipway/kernel';
import { applyManifests, loadManifests, type PluginChoices, SettleWatch, worldFactory } from '@slipway/simulator';
import { describe, expect, test } from 'vitest';

const file = join(dirname(fileURLToPath(import.meta.url)), '../scenarios/hello/six-interfaces.yaml');
const NODES = ['node-1', 'node-2', 'node-3'];

interface Run {
  readonly records: readonly TraceRecord[];
  readonly ready: boolean;
  readonly violations: readonly unknown[];
}

async function run(plugins: PluginChoices): Promise<Run> {
  const world = worldFactory(plugins)({ nodes: NODES.map((name) => ({ name })), trace: { keep: true } });
  const watch = new SettleWatch(world.kernel, world.server);
  const { objects } = loadManifests([{ file, text: readFileSync(file, 'utf8') }]);
  await world.kernel.completeAsync(world.user, 'apply', applyManifests(world, objects, NODES));
  const { ready } = await watch.settle((until) => world.kernel.runAsync({ until }));
  world.invariants.atRest();
  return { records: world.recorder.kept, ready, violations: world.invariants.violations };
}

const interfaceOf = (name: string): string => name.slice(0, name.indexOf('.'));

/**
 * Which calls of plugins there were, and what called for each: the way of causes from call to call, with actors by their part. Calls of the
 * swapped interface and what they led to are left out; how often something is asked again depends on how long others take.
 */
function causes(records: readonly TraceRecord[], swapped: readonly string[]): ReadonlySet<string> {
  const bySeq = new Map(records.map((record) => [record.seq, record]));
  const ways = new Set<string>();
  for (const record of records) {
    if (record.kind !== 'call' || record.name.startsWith('api.')) continue;
    const way: string[] = [];
    for (let at: TraceRecord | undefined = record; at; at = bySeq.get(at.cause)) {
      if (at.kind === 'call' && !at.name.startsWith('api.')) way.push(at.name);
      if (at.kind === 'write') break;
    }
    if (!way.some((name) => swapped.includes(interfaceOf(name)))) ways.add(way.join(' < '));
  }
  return ways;
}

const base = run({ smi: { use: 'linkerd' } });

describe('swapping one plugin', () => {
  const swaps: readonly (readonly [name: string, plugins: PluginChoices, swapped: readonly string[]])[] = [
    ['oci=crun', { oci: { use: 'crun' } }, ['oci']],
    ['cri=crio', { cri: { use: 'crio' } }, ['cri', 'cni', 'oci']],
    ['cni=bridge', { cni: { use: 'bridge' } }, ['cni', 'cpi', 'cloud']],
    ['csi=efs', { csi: [{ use: 'efs' }] }, ['csi', 'cloud']],
    ['cpi=kind', { cpi: { use: 'kind' } }, ['cpi', 'cloud']],
    // Without a proxy, a pod has two containers fewer for its runtime.
    ['smi=none', { smi: { use: 'none' } }, ['smi', 'cri', 'oci']],
  ];

  test.each(swaps)(
    '%s: everything still becomes ready, and what it does not concern happens for the same causes',
    async (_, plugins, swapped) => {
      const [before, after] = [await base, await run({ smi: { use: 'linkerd' }, ...plugins })];
      expect([after.ready, after.violations]).toEqual([true, []]);
      const [was, is] = [causes(before.records, swapped), causes(after.records, swapped)];
      expect([...is].filter((way) => !was.has(way))).toEqual([]);
      expect([...was].filter((way) => !is.has(way))).toEqual([]);
      expect(was.size).toBeGreaterThan(5);
    },
  );
});
