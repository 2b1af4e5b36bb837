// plays one scene alone with nothing wrong, several draws; prints what it met of the given ids
import { Random } from '@slipway/kernel';
import { scenes } from '/work/main/simulator/fuzz/scenes/index.ts';
import { loadCase } from '/work/main/simulator/fuzz/case-loader.ts'; import { tryCase } from '/work/main/simulator/fuzz/try-case.ts';
import { lastingCalm } from '/work/main/simulator/fuzz/swarm/draw-case.ts';
import { drawnKinds, fuzzWorlds } from '/work/main/simulator/wiring/fuzz-world.ts';
const [name, n, ids, nodesN = '2'] = process.argv.slice(2);
const plugins: any = { cluster: {}, nodes: new Map() };
const base: any = { file: 'x', kinds: drawnKinds(plugins), brought: [] };
const scene = scenes.find((s) => s.name === name)!;
const nodes = Array.from({ length: Number(nodesN) }, (_, i) => 'node-' + (i + 1));
for (let i = 0; i < Number(n); i++) {
  const smi = name!.startsWith('traffic') ? { smi: { use: 'linkerd', with: { defaultInboundPolicy: 'deny' } } } : {};
  const part = scene.draw({ random: new Random((i + 7) * 7919 * 104729 % 2147483647), nodes, plugins: smi.smi ? { smi: 'linkerd' } : {} });
  const doc: any = lastingCalm({ apiVersion: 'slipway.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'x' }, spec: { cluster: { plugins: smi, nodes: [{ count: nodes.length, ...(part.capacity ? { capacity: part.capacity } : {}) }, ...(part.machines ?? [])], ...(part.nodeCIDRMaskSize ? { nodeCIDRMaskSize: part.nodeCIDRMaskSize } : {}) }, steps: [...(part.objects?.length ? [{ at: '0s', apply: part.objects }] : []), ...[...(part.steps ?? [])].sort((a: any, b: any) => parseFloat(a.at) * (a.at.endsWith('ms') ? 0.001 : 1) - parseFloat(b.at) * (b.at.endsWith('ms') ? 0.001 : 1))] } } as any);
  const t = await tryCase(loadCase(doc, base), fuzzWorlds(plugins), { watch: (w) => { const re = process.env['GREP']; if (re) w.cluster.kernel.events.on('trace', (r) => { const line = [(r.at / 1e6).toFixed(3), '#' + r.seq, '(' + r.cause + ')', r.kind, r.actor, r.name, r.subject, JSON.stringify(r.data)].join(' '); if (new RegExp(re).test(line)) console.log(line.slice(0, 260)); }); } });
  console.log(i, ids!.split(',').map((id) => id + '=' + (t.preconditions.get(id) ?? t.situations.get(id))).join(' '), t.findings.map((f) => f.invariant + ' ' + f.message.slice(0, 150)), (t.end / 1e6).toFixed(0));
}
