import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { attempts, type WorldAttempt } from '../cli/step/step-scenario.ts';
import { type LoadedScenario, loadScenarios } from '../cli/input/scenario-input.ts';
import { runScenario } from '../scenario/run-scenario.ts';
import { scenarioWorld } from '../wiring/scenario-world.ts';
import { ARROWS, type Arrow, NotHere, scenarioText, StepSession } from './index.ts';

const file = 'pod.yaml';
const TEXT = `# Teaches how a pod starts.
apiVersion: slipway.dev/v1alpha1
kind: Scenario
metadata: { name: pod }
spec:
  seed: 7
  duration: 40s
  cluster: { nodes: [{ count: 1 }], plugins: { csi: [], cpi: none } }
  steps:
    # One pod.
    - at: 2s
      apply:
        - { apiVersion: v1, kind: Pod, metadata: { name: web }, spec: { containers: [{ name: web, image: nginx }] } }
    - { at: 25s, delete: pod/web }
  expect:
    - { from: 2s, within: 10s, condition: Ready, of: pod/web, because: a pod needs ten seconds }
    - { at: 20s, object: { kind: Pod, metadata: { name: web }, status: { phase: Running } } }
`;
/** Two nodes do the same at the same instants. */
const TWO_NODES = `apiVersion: slipway.dev/v1alpha1
kind: Scenario
metadata: { name: twins }
spec:
  duration: 25s
  cluster: { nodes: [{ count: 2 }], plugins: { csi: [], cpi: none } }
  steps:
    - apply:
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          replicas: 4
          selector: { matchLabels: { app: web } }
          template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: nginx }] } }
    - { at: 15s, delete: deployment/web }
`;
let loaded: LoadedScenario;
beforeAll(async () => {
  loaded = await load(TEXT);
});

async function load(text: string): Promise<LoadedScenario> {
  const [one] = await loadScenarios({ file, text }, []);
  return one as LoadedScenario;
}

const session = (): StepSession<WorldAttempt> => new StepSession(attempts(loaded, { elide: true }));

/** What \`slipway run\` makes of a text. */
async function plainRun(text: string): Promise<string> {
  const { scenario, plugins } = await load(text);
  const { world, cluster } = scenarioWorld(scenario, plugins);
  await runScenario(scenario, cluster);
  return world.fingerprint;
}

const written = (stepped: StepSession<WorldAttempt>, text = TEXT): string =>
  scenarioText(text, {
    faults: stepped.steps.map((step) => ({ step: { at: '0s', ...step }, comment: 'injected' })),
    settings: [],
  });

/** Goes on to the nth call of this name. */
async function to(stepped: StepSession<WorldAttempt>, name: string, count = 1): Promise<void> {
  for (let left = count; left > 0; left -= 1) await stepped.next((stop) => stop.sort === 'call' && stop.name === name);
}

describe('a stepped run', () => {
  test('is the same run to its end, whether it stands still or not', async () => {
    const fingerprint = await plainRun(TEXT);
    const stepped = session();
    while (await stepped.next());
    expect(stepped.index).toBeGreaterThan(20);
    expect(stepped.fingerprint).toBe(fingerprint);
    expect(stepped.outcome?.expectations.map(({ held }) => held)).toEqual([true, true]);
    const straight = session();
    await straight.finish();
    expect(straight.fingerprint).toBe(fingerprint);
  });

  test('stands at each step and expectation, and at calls before they are answered', async () => {
    const stepped = session();
    const met: string[] = [];
    while (await stepped.next()) {
      const stop = stepped.stop;
      if (stop?.sort === 'step') met.push(stop.text);
      if (stop?.sort === 'expectation') met.push(`${stop.result.held} ${stop.result.because}`);
      if (stop?.sort === 'call') expect(stepped.attempt.kernel.now).toBe(stop.at);
    }
    expect(met).toEqual(['apply: Pod web', 'true a pod needs ten seconds', 'true ', 'delete: pod/web']);
  });

  test('knows who answers, within what, and what came of it', async () => {
    const stepped = session();
    await to(stepped, 'cni.Plugin/Add');
    const call = stepped.stop;
    if (call?.sort !== 'call') throw new Error('no call');
    expect(stepped.calleesOf(call)).toEqual(['flannel/node-1']);
    expect(stepped.around(call)).toEqual([{ name: 'cri.RuntimeService/RunPodSandbox', subject: 'default/web' }]);
    expect(stepped.news()).toEqual([]);
    await stepped.next();
    expect(stepped.news()).toMatchObject([{ kind: 'answer', actor: 'flannel/node-1', of: { seq: call.seq } }]);
    expect(stepped.news()).toEqual([]);
  });

  test('tells of a step that fails', async () => {
    const failing = await load(
      TEXT.replace('- { at: 25s, delete: pod/web }', '- { at: 15s, delete: pod/web }\n    - { at: 39s, delete: pod/web }'),
    );
    const stepped = new StepSession(attempts(failing, { elide: true }));
    await stepped.next(({ sort, at }) => sort === 'step' && at > 20_000_000);
    await stepped.finish();
    expect(stepped.news()).toMatchObject([
      { kind: 'failure', of: { text: 'delete: pod/web' }, message: expect.stringContaining('not found') as unknown },
    ]);
  });

  test('is, after any steps forth and back, where a fresh run of as many steps is', async () => {
    const prefixes = ['beginning'];
    const fresh = session();
    while (await fresh.next()) prefixes.push(fresh.fingerprint);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('next', 'next', 'next', 'back'), { maxLength: 12 }), async (moves) => {
        const stepped = session();
        let at = 0;
        for (const move of moves) {
          if (move === 'next') await stepped.next();
          else if (at > 0) await stepped.back();
          at = Math.max(0, at + (move === 'next' ? 1 : -1));
        }
        expect(stepped.index).toBe(at);
        if (at > 0) expect(stepped.fingerprint).toBe(prefixes[at]);
      }),
      { numRuns: 8 },
    );
  });

  test('goes back from the end to the last stop, and from the first to the beginning', async () => {
    const stepped = session();
    await stepped.next((stop) => stop.sort === 'step');
    const { index } = stepped;
    await stepped.finish();
    await stepped.back();
    expect(stepped.index).toBe(index);
    expect(stepped.outcome).toBeUndefined();
    await stepped.back();
    expect([stepped.index, stepped.stop]).toEqual([0, undefined]);
    await expect(stepped.back()).rejects.toBeInstanceOf(NotHere);
  });
});

describe('a fault that is injected', () => {
  test('makes exactly the call go wrong that is on its way, and the written scenario replays it', async () => {
    const stepped = session();
    await to(stepped, 'cni.Plugin/Add');
    await stepped.inject({ arrow: 'error', detail: '11' });
    await stepped.next();
    expect(stepped.news().map(({ kind, data }) => [kind, data[0]])).toEqual([
      ['fault', 'error 11'],
      ['answer', '11'],
    ]);
    // The kubelet tries again; that one goes wrong too, and no other.
    await to(stepped, 'cni.Plugin/Add');
    const second = stepped.stop;
    await stepped.inject({ arrow: 'lose' });
    expect(stepped.stop).toMatchObject({ name: 'cni.Plugin/Add', at: second?.at });
    expect(stepped.steps.map(({ fault }) => fault?.after)).toEqual([undefined, 1]);
    await stepped.finish();
    expect(stepped.attempt.world.faults.active.map(({ struck }) => struck)).toEqual([1, 1]);
    const text = written(stepped);
    expect(text.split('\n').filter((line) => !line.includes('# injected'))).toEqual(TEXT.split('\n'));
    expect(await plainRun(text)).toBe(stepped.fingerprint);
  });

  test.each(Object.keys(ARROWS) as Arrow[])('%s: strikes once, and its file gives the same run', async (arrow) => {
    const stepped = session();
    await to(stepped, 'cri.RuntimeService/CreateContainer');
    const before = stepped.stop;
    await stepped.inject({ arrow });
    expect(stepped.stop).toMatchObject({ at: before?.at, name: 'cri.RuntimeService/CreateContainer' });
    await stepped.finish();
    expect(stepped.attempt.world.faults.active.map(({ struck }) => struck)).toEqual([1]);
    expect(await plainRun(written(stepped))).toBe(stepped.fingerprint);
  });

  test('strikes any call of any scenario, and no other', async () => {
    const many = await load(TWO_NODES);
    const all = new StepSession(attempts(many, { elide: true }));
    const calls: string[] = [];
    while (await all.next(({ sort, at }) => sort === 'call' && at > 0)) calls.push(all.stop?.id ?? '');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...calls), fc.constantFrom(...(Object.keys(ARROWS) as Arrow[])), async (id, arrow) => {
        const stepped = new StepSession(attempts(many, { elide: true }));
        await stepped.next((stop) => stop.id === id);
        const struck: number[] = [];
        await stepped.inject({ arrow });
        const { kernel } = stepped.attempt;
        // What acts on sending has struck already.
        kernel.events.on('trace', ({ kind, cause, data }) => {
          if (kind === 'fault' && data[1] === 'fault-1') struck.push(cause);
        });
        const { stop } = stepped;
        await stepped.finish();
        expect(stop?.sort === 'call' && struck.every((cause) => cause === stop.seq)).toBe(true);
        expect(stepped.attempt.world.faults.active.map(({ struck: times }) => times)).toEqual([1]);
        expect(await plainRun(written(stepped, TWO_NODES))).toBe(stepped.fingerprint);
      }),
      { numRuns: 6 },
    );
  });

  test('strikes after a call that an earlier one refuses, which later faults never see', async () => {
    const stepped = session();
    await to(stepped, 'cni.Plugin/Add');
    await stepped.inject({ arrow: 'refuse' });
    await to(stepped, 'cni.Plugin/Add');
    await stepped.inject({ arrow: 'error', detail: '999' });
    await stepped.next();
    expect(stepped.news().map(({ data }) => data[0])).toEqual(['error 999', '999']);
  });

  test('is taken back by undo, and forgotten when something goes wrong before it', async () => {
    const stepped = session();
    await to(stepped, 'cri.RuntimeService/RunPodSandbox');
    await to(stepped, 'cni.Plugin/Add');
    await stepped.inject({ arrow: 'error' });
    await stepped.next();
    await stepped.undo();
    expect(stepped.steps).toEqual([]);
    expect(stepped.stop).toMatchObject({ name: 'cni.Plugin/Add' });
    await stepped.inject({ arrow: 'hang' });
    await stepped.back();
    await stepped.inject({ arrow: 'delay', detail: '1s' });
    expect(stepped.injected.map(({ injection }) => injection.arrow)).toEqual(['delay']);
    await stepped.undo();
    await stepped.finish();
    expect(stepped.fingerprint).toBe(await plainRun(TEXT));
  });

  test('is refused where no call is on its way, and for a call that no step comes early enough for', async () => {
    const stepped = session();
    await expect(stepped.inject({ arrow: 'hang' })).rejects.toThrow('no call is on its way');
    await expect(stepped.undo()).rejects.toThrow('nothing has been made to go wrong');
    const early = new StepSession(attempts(await load(TEXT.replace('csi: []', 'csi: [ebs]')), { elide: true }));
    await early.next();
    expect(early.stop).toMatchObject({ at: 0, name: 'csi.Identity/GetPluginInfo' });
    await expect(early.inject({ arrow: 'hang' })).rejects.toThrow('no step comes early enough');
    expect([early.index, early.injected]).toEqual([1, []]);
  });
});
