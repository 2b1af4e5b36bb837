import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Node } from '@slipway/kube';
import { applyManifests, loadManifests, SettleWatch, type SourceText, worldFactory } from '@slipway/simulator';
import { templateOf } from '../../simulator/wiring/world.ts';
import { clock } from '../clock.ts';
import type { CaseInput, Measured } from '../measurement.ts';

/** Goals by the size of the input. */
const SMALL = { nodes: 100, goal: { value: 0.4 } };
const LARGE = { nodes: 1_200, goal: { value: 5 } };

/** Nodes and Pods as YAML, applied and settled as `slipway apply` does: all but reading and parsing the files is measured. */
export async function kubesbs({ kubesbs: path = '' }: CaseInput): Promise<Measured> {
  const parsing = clock();
  const { objects } = loadManifests(filesOf(path));
  const nodes = objects.filter(({ object }) => object.kind === 'Node').map(({ object }) => templateOf(object as Node));
  const start = clock();
  const world = worldFactory()({ nodes });
  const { kernel } = world;
  const watch = new SettleWatch(kernel, world.server);
  kernel.complete(
    world.user,
    'apply',
    applyManifests(
      world,
      objects,
      nodes.map(({ name }) => name),
    ),
  );
  const applied = clock();
  await watch.settle((until) => Promise.resolve(kernel.run({ until })));
  const end = clock();
  const { ready, total } = watch.progress;
  const note = [
    `${nodes.length} nodes, ${ready} of ${total} pods ready`,
    `YAML ${Math.round((start - parsing) * 1e3)} ms apart, applying ${(applied - start).toFixed(2)} s`,
    `${kernel.eventCount} events`,
  ];
  const goal = nodes.length <= SMALL.nodes ? SMALL.goal : nodes.length <= LARGE.nodes ? LARGE.goal : undefined;
  return { value: end - start, note: note.join('; '), ...(goal === undefined ? {} : { goal }) };
}

function filesOf(path: string): SourceText[] {
  if (!existsSync(path)) throw new Error(`${path} does not exist`);
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path];
  return files.map((file) => ({ file, text: readFileSync(file, 'utf8') }));
}
