import { Random } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadScenarios } from '../cli/input/scenario-input.ts';
import type { ScenarioDocument } from '../scenario/schema.ts';
import { stepTime } from '../scenario/times.ts';
import { drawnKinds, fuzzWorlds } from '../wiring/fuzz-world.ts';
import type { FuzzBase } from './base.ts';
import { loadCase } from './case-loader.ts';
import { drawPlugins } from './drawn-plugins.ts';
import { generatedStories, referenceStory } from './generated.ts';
import { scenes } from './scenes/index.ts';
import { lastingCalm } from './swarm/draw-case.ts';
import { tryCase } from './try-case.ts';

const NO_PLUGINS = { cluster: {}, nodes: new Map() };
const kinds = drawnKinds(NO_PLUGINS);
const base: FuzzBase = { file: 'generated', document: referenceStory, kinds, brought: [] };
const storyOf = generatedStories(referenceStory, kinds);
const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

describe('generated stories', () => {
  test('every one loads, and a seed means the same story each time', () => {
    for (const seed of SEEDS) {
      expect(() => loadCase(lastingCalm(storyOf(seed)), base), `seed ${seed}`).not.toThrow();
      expect(storyOf(seed)).toEqual(storyOf(seed));
    }
  });

  test('every built-in plugin is drawn, and none where the user has set one', () => {
    const drawn = SEEDS.map((seed) => storyOf(seed).spec.cluster?.plugins ?? {});
    const text = JSON.stringify(drawn);
    for (const name of ['containerd', 'crio', 'flannel', 'bridge', 'ebs', 'efs', 'aws', 'kind', 'none', 'linkerd', 'deny'])
      expect(text).toContain(`"${name}"`);
    const given = { cni: './mine.ts', smi: 'none', csi: ['ebs'] };
    for (const seed of SEEDS) expect(drawPlugins(new Random(seed), given, true)).toMatchObject(given);
  });

  test('without the kinds of a mesh there is none', () => {
    const plain = generatedStories(referenceStory);
    expect(SEEDS.some((seed) => plain(seed).spec.cluster?.plugins?.smi !== undefined)).toBe(false);
  });

  test('a case with drawn plugins is the same run from a file', async () => {
    const seed = SEEDS.find((each) => {
      const { plugins } = storyOf(each).spec.cluster ?? {};
      return plugins?.smi !== undefined && plugins.cni === 'bridge' && plugins.cri === 'crio';
    });
    const document = lastingCalm(storyOf(seed ?? 0));
    const drawn = await tryCase(loadCase(document, base), fuzzWorlds(NO_PLUGINS));
    const [fromFile] = await loadScenarios({ file: 'case.yaml', text: stringify(document, { aliasDuplicateObjects: false }) }, []);
    if (!fromFile) throw new Error('nothing was loaded');
    const again = await tryCase(fromFile.scenario, fuzzWorlds(fromFile.plugins));
    expect(again.fingerprint).toBe(drawn.fingerprint);
    expect(drawn.findings).toEqual([]);
  });
});

describe('scenes', () => {
  const nodes = ['node-1', 'node-2', 'node-3'];
  test.each(scenes.map((scene) => [scene.name, scene] as const))('%s: loads, whatever is drawn', (_name, scene) => {
    for (const seed of [1, 2, 3]) {
      const {
        objects = [],
        steps = [],
        machines = [],
        capacity,
        nodeCIDRMaskSize,
      } = scene.draw({
        random: new Random(seed * 7_919),
        nodes,
        plugins: { smi: 'linkerd' },
      });
      const document: ScenarioDocument = {
        ...referenceStory,
        spec: {
          cluster: {
            nodes: [{ count: nodes.length, ...(capacity ? { capacity } : {}) }, ...machines],
            plugins: { smi: 'linkerd' },
            ...(nodeCIDRMaskSize === undefined ? {} : { nodeCIDRMaskSize }),
          },
          steps: [
            ...(objects.length > 0 ? [{ at: '0s', apply: [...objects] }] : []),
            ...steps.toSorted((a, b) => (stepTime(a.at) ?? 0) - (stepTime(b.at) ?? 0)),
          ],
        },
      };
      expect(() => loadCase(lastingCalm(document), base)).not.toThrow();
    }
  });

  test('no two have objects of one name', () => {
    const owners = new Map<string, string>();
    for (const { name, draw } of scenes)
      for (const { kind, metadata } of draw({ random: new Random(1), nodes, plugins: {} }).objects ?? []) {
        const key = `${kind} ${JSON.stringify(metadata)}`;
        expect(owners.get(key) ?? name).toBe(name);
        owners.set(key, name);
      }
  });
});
