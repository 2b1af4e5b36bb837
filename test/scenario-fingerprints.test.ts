import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadScenarios } from '../simulator/cli/input/scenario-input.ts';
import { runScenario } from '../simulator/scenario/run-scenario.ts';
import { fullTraceLine, mermaid, otelText, perfettoText, textLine } from '../simulator/trace/index.ts';
import { scenarioWorld } from '../simulator/wiring/scenario-world.ts';
import { Workplace } from './cli/slipway.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../scenarios');
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort();
const place = new Workplace();
/** Idle ticks and pictures of every run take longer than the runs: every third and every fifth has them, or all when asked. */
const ALL = process.env['SLIPWAY_FINGERPRINTS'] === 'all';

/** Returns whether every exporter has written something. */
async function runWith(
  { scenario, plugins }: Awaited<ReturnType<typeof loadScenarios>>[number],
  { elide, exports }: { readonly elide: boolean; readonly exports: boolean },
  tell: (fingerprint: string) => void,
): Promise<boolean> {
  let written = 0;
  const { world, cluster } = scenarioWorld(scenario, plugins, {
    elide,
    trace: {
      keep: exports,
      detailed: exports,
      ...(exports ? { onLine: (record, line) => (written += line.length + textLine(record).length + fullTraceLine(record).length) } : {}),
    },
  });
  await runScenario(scenario, cluster);
  tell(world.fingerprint);
  return written > 0 && [mermaid, perfettoText, otelText].every((draw) => draw(world.recorder.kept).length > 1_000);
}

describe("every scenario's fingerprint", () => {
  test('is the same in another process and folder, with idle ticks run, whole requests kept and every exporter at work', {
    timeout: 120_000,
  }, async () => {
    const running = place.slipway(['run', ...files.map((file) => join(folder, file)), '--json'], { timeout: 100_000 });
    const here: Record<string, string> = {};
    for (const [index, file] of files.entries()) {
      const [loaded] = await loadScenarios({ file: join(folder, file), text: readFileSync(join(folder, file), 'utf8') }, []);
      if (!loaded) throw new Error(`${file} holds no scenario`);
      const written = await runWith(loaded, { elide: !ALL && index % 3 !== 0, exports: ALL || index % 5 === 0 }, (fingerprint) => {
        here[loaded.scenario.name] = fingerprint;
      });
      expect(written).toBe(ALL || index % 5 === 0);
    }
    const { stdout } = await running;
    const reports = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly scenario: string; readonly fingerprint: string });
    expect(Object.fromEntries(reports.map(({ scenario, fingerprint }) => [scenario, fingerprint]))).toEqual(here);
  });

  test.each(['graceful-deletion', 'unschedulable-then-fits', 'zone-bound-volume-against-spread'])(
    '%s: the same with and without idle ticks while one node, whose link has a fault that never strikes, ticks in any case',
    async (name) => {
      const text = readFileSync(join(folder, `${name}.yaml`), 'utf8');
      const fault = '    - { at: 0s, fault: { on: cri, node: node-1, error: UNKNOWN, after: 100000 } }';
      const source = { file: join(folder, `${name}.yaml`), text: text.replace('  steps:\n', `  steps:\n${fault}\n`) };
      const fingerprints = [];
      for (const elide of [true, false]) {
        const [loaded] = await loadScenarios(source, []);
        if (!loaded) throw new Error(`${name} holds no scenario`);
        const { world, cluster } = scenarioWorld(loaded.scenario, loaded.plugins, { elide });
        await runScenario(loaded.scenario, cluster);
        expect(world.faults.active).toHaveLength(1);
        fingerprints.push(world.fingerprint);
      }
      expect(fingerprints[0]).toBe(fingerprints[1]);
    },
  );
});
