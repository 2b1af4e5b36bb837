import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seconds, type TraceRecord } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { applyManifests } from '../manifests/apply-manifests.ts';
import { loadManifests } from '../manifests/load-manifests.ts';
import { worldFactory } from '../wiring/container.ts';
import { explain, knownPodsOf, knownSubjects, type Scene, type Story, storyMermaid, storyText, type Wait } from './index.ts';

const NODES = ['node-1', 'node-2', 'node-3'];

/** The kept trace of a world that these manifests were applied to. */
function traceOf(text: string, until: number, smi = 'none'): readonly TraceRecord[] {
  const world = worldFactory({ smi: { use: smi } })({ nodes: NODES.map((name) => ({ name })), trace: { keep: true } });
  const { objects } = loadManifests([{ file: 'test.yaml', text }]);
  world.kernel.complete(world.user, 'apply', applyManifests(world, objects, NODES));
  world.kernel.run({ until: seconds(until) });
  return world.recorder.kept;
}

const six = traceOf(
  readFileSync(fileURLToPath(new URL('../../scenarios/hello/six-interfaces.yaml', import.meta.url)), 'utf8'),
  20,
  'linkerd',
);

const pods = traceOf(
  `
apiVersion: v1
kind: Pod
metadata: { name: crash }
spec:
  containers: [{ name: main, image: busybox, command: [sh, -c, exit 1] }]
---
apiVersion: v1
kind: Pod
metadata: { name: nowhere }
spec:
  containers: [{ name: main, image: registry.does-not-exist.io/x:1 }]
---
apiVersion: v1
kind: Pod
metadata: { name: slow }
spec:
  containers:
    - { name: main, image: nginx, readinessProbe: { initialDelaySeconds: 20, periodSeconds: 7, httpGet: { port: 80 } } }
---
apiVersion: v1
kind: Pod
metadata: { name: init }
spec:
  restartPolicy: Never
  initContainers: [{ name: first, image: busybox, command: [sleep, '5'] }]
  containers: [{ name: main, image: busybox, command: [sleep, '4'] }]
`,
  100,
);

const nameOf = (records: readonly TraceRecord[], prefix: string): string =>
  knownSubjects(records, 'pod').find((name) => name.startsWith(prefix)) ?? '';
const podStory = (records: readonly TraceRecord[], prefix: string): Story =>
  explain(records, { kind: 'pod', name: nameOf(records, prefix) });

const flat = (scenes: readonly Scene[]): readonly Scene[] => scenes.flatMap((scene) => [scene, ...flat(scene.scenes)]);
const scenesOf = ({ chapters }: Story): readonly Scene[] => chapters.flatMap(({ scenes }) => flat(scenes));
const waitsOf = (story: Story): readonly Wait[] =>
  scenesOf(story).flatMap(({ before, within }) => [before, within].filter((wait) => wait !== undefined));

describe('the story of a pod with a volume, a balancer and a mesh', () => {
  const story = podStory(six, 'default/web');
  const text = storyText(story);

  test('story: it names all six interfaces, each call once what it needs is there', () => {
    const calls = scenesOf(story).map(({ line }) => line);
    const at = (name: string): number => calls.find((line) => line.name === name)?.at ?? Number.NaN;
    const order = [
      'smi.Mesh/Inject',
      'csi.Controller/CreateVolume',
      'csi.Controller/ControllerPublishVolume',
      'csi.Node/NodeStageVolume',
      'csi.Node/NodePublishVolume',
      'cri.RuntimeService/RunPodSandbox',
      'cni.Plugin/Add',
      'oci.Runtime/Create',
      'cri.ImageService/PullImage',
      'cri.RuntimeService/StartContainer',
    ].map(at);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(at('cpi.LoadBalancer/EnsureLoadBalancer')).toBeLessThan(at('cri.RuntimeService/RunPodSandbox'));
    for (const name of ['OCI.', 'CRI.', 'CNI.', 'CSI.', 'CPI.', 'SMI.']) expect(text).toContain(name);
  });

  test('story: chapters come in the order in which they are to be understood', () => {
    expect(story.chapters.map(({ title }) => title)).toEqual([
      'Stored and scheduled',
      'Volume',
      'Sandbox and network',
      'Containers',
      'Ready and reachable',
    ]);
  });

  test('story: CNI is told within the call of the runtime that made it, and the kubelet never calls it', () => {
    const sandbox = scenesOf(story).find(({ line }) => line.name === 'cri.RuntimeService/RunPodSandbox');
    expect(sandbox?.scenes.map(({ line }) => `${line.from} ${line.title} ${line.about}`)).toContain('containerd/node-1 CNI.ADD flannel');
    expect(scenesOf(story).filter(({ line }) => line.name.startsWith('cni.') && line.from.startsWith('kubelet'))).toEqual([]);
  });

  test('story: every call has its caller, its reason and a section of a spec', () => {
    for (const { line } of scenesOf(story)) {
      if (line.kind !== 'call') continue;
      expect(line.to, line.name).toBeDefined();
      expect(line.why, line.name).not.toBe('');
      expect(line.spec, line.name).not.toBe('');
    }
  });

  test('story: the writer of an object is who asked for it, not the webhook that looked at it', () => {
    const stored = scenesOf(story).find(({ line }) => line.name === 'api/create pods');
    expect(stored?.line.from).toBe('replicaset-controller');
  });

  test('story: waits for the claim and for the status of the node are named with their constants', () => {
    const constants = waitsOf(story).map(({ constant }) => constant);
    expect(constants).toContain('VolumeBinding looks every 1 s, for at most 600 s');
    expect(constants).toContain('node status every 10 s (nodeStatusUpdateFrequency)');
  });

  test('text: no line is longer than 100 columns or has a hole in it', () => {
    const lines = [six, pods].flatMap((records) =>
      knownSubjects(records, 'pod').flatMap((name) => storyText(explain(records, { kind: 'pod', name })).split('\n')),
    );
    expect(lines.length).toBeGreaterThan(300);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
    expect(lines.filter((line) => /undefined|NaN|\[object|Infinity|\s$/.test(line))).toEqual([]);
  });

  test('story: a claim and a Service have stories of their own', () => {
    const claim = storyText(explain(six, { kind: 'claim', name: 'default/web' }));
    expect(claim).toContain('CSI.CreateVolume');
    expect(claim).not.toContain('CRI.');
    const service = storyText(explain(six, { kind: 'service', name: 'default/web' }));
    expect(service).toContain('CPI.EnsureLoadBalancer');
    expect(service).not.toContain('CSI.');
  });

  test('story: who is not in the trace has none', () => {
    const nobody = explain(six, { kind: 'pod', name: 'default/nobody' });
    expect(nobody.chapters).toEqual([]);
    expect(storyText(nobody)).toContain('Nothing of it is in the trace.');
  });
});

describe('long waits', () => {
  const constants = (pod: string): string =>
    waitsOf(podStory(pods, pod))
      .map(({ constant }) => constant)
      .join('\n');

  test('wait: a pull that failed waits 10 s, then 20 s, then 40 s', () => {
    const told = constants('default/nowhere');
    for (const delay of [10, 20, 40]) expect(told).toContain(`image pull back-off ${delay} s (10 s, doubling to 300 s)`);
  });

  test('wait: a container that keeps ending waits 10 s, then 20 s, then 40 s', () => {
    const told = constants('default/crash');
    for (const delay of [10, 20, 40]) expect(told).toContain(`crash-loop back-off ${delay} s after its end`);
  });

  test('wait: readiness waits for its probe, with the numbers of the pod', () => {
    expect(constants('default/slow')).toContain('periodSeconds 7, initialDelaySeconds 20, successThreshold 1');
  });

  test('wait: the end of a container is seen at a relist', () => {
    expect(constants('default/init')).toContain('relist every 1 s (PLEG)');
  });

  test('wait: a lost node is silent for 50 s, and its pod tolerates that for 300 s', () => {
    const world = worldFactory()({ nodes: NODES.map((name) => ({ name })), trace: { keep: true } });
    const yaml = 'apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: main, image: nginx }] }';
    const { objects } = loadManifests([{ file: 'test.yaml', text: yaml }]);
    world.kernel.complete(world.user, 'apply', applyManifests(world, objects, NODES));
    world.kernel.run({ until: seconds(30) });
    world.nodes.get('node-1')?.host.powerOff();
    world.kernel.run({ until: seconds(420) });
    const told = waitsOf(explain(world.recorder.kept, { kind: 'pod', name: 'default/web' })).map(({ constant }) => constant);
    expect(told).toContain('node monitor grace period 50 s, looked at every 5 s');
    expect(told).toContain('tolerationSeconds 300 s');
  });

  test('wait: it is at least half a second long, and one that the trace does not explain has no constant', () => {
    for (const name of knownSubjects(pods, 'pod'))
      for (const { length, what, constant } of waitsOf(explain(pods, { kind: 'pod', name }))) {
        expect(length).toBeGreaterThanOrEqual(seconds(1) / 2);
        if (what === '') expect(constant).toBe('');
      }
  });

  test('story: a pod on the same node, with the same image, leaves no line in another one’s', () => {
    const ids = new Set(scenesOf(podStory(pods, 'default/crash')).map(({ line }) => line.seq));
    const shared = scenesOf(podStory(pods, 'default/init')).filter(({ line }) => ids.has(line.seq));
    expect(shared.map(({ line }) => line.title)).toEqual([]);
  });
});

describe('the story of a node that dies', () => {
  const yaml = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 1
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      tolerations: [{ key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 30 }]
      containers: [{ name: web, image: nginx }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`;
  const world = worldFactory()({ nodes: NODES.map((name) => ({ name })), trace: { keep: true } });
  const { objects } = loadManifests([{ file: 'test.yaml', text: yaml }]);
  world.kernel.complete(world.user, 'apply', applyManifests(world, objects, NODES));
  world.kernel.run({ until: seconds(60) });
  const records = world.recorder.kept;
  const [pod = ''] = knownPodsOf(records, 'web', 'deployments');
  const bound = records.find(({ name, subject }) => name === 'api.Server/Bind' && subject === pod);
  const node = (bound?.full as { target?: { name?: string } } | undefined)?.target?.name ?? 'node-1';
  // As a scenario's step leaves it in the trace.
  world.kernel.record('log', 'scenario', 'step/powerOff', node, ['powerOff: {nodeOf: deployment/web}'], undefined, 0);
  world.nodes.get(node)?.host.powerOff();
  world.kernel.run({ until: seconds(200) });
  const told = explain(world.recorder.kept, { kind: 'pod', name: pod });
  const service = explain(world.recorder.kept, { kind: 'service', name: 'default/web' });
  const summary = (story: Story): string => (storyText(story).split('In short:')[1] ?? '').replace(/\s+/g, ' ');

  test('story: a Service does not end because its endpoints change, and was reachable when it first was', () => {
    expect(service.chapters.map(({ title }) => title)).toEqual(['Ready and reachable', 'Later']);
    expect(summary(service)).toMatch(/Ready and reachable reachable after 1\.\d+ s \(at 1\.\d+ s\) 2\. Later/);
    const [up, later] = service.chapters;
    expect(up?.end).toBeLessThan(seconds(3));
    const outcomes = later?.scenes.map(({ line }) => line.outcome) ?? [];
    for (const part of [`which is ${node}`, 'Ready Unknown', 'unreachable:NoExecute', ': not ready', ': terminating', ': ready'])
      expect(
        outcomes.some((outcome) => outcome.includes(part)),
        part,
      ).toBe(true);
  });

  test('story: a pod has its node’s death among what came later, with the grace of 50 s, and then its own end', () => {
    expect(told.chapters.map(({ title }) => title).slice(-3)).toEqual(['Ready and reachable', 'Later', 'Ended']);
    expect(told.chapters.find(({ topic }) => topic === 'reach')?.end).toBeLessThan(seconds(3));
    const text = storyText(told);
    expect(text).toContain('node monitor grace period 50 s, looked at every 5 s');
    const later = told.chapters.find(({ topic }) => topic === 'later');
    expect(later?.scenes.map(({ line }) => line.marks).flat()).toEqual(
      expect.arrayContaining(['step', 'node-lost', 'unready', 'taint', 'endpoint-down', 'event:TaintManagerEviction']),
    );
    expect(told.chapters.at(-1)?.scenes.map(({ line }) => line.outcome)).toContain('stored, to make up the number of pods again');
  });

  test('story: a pod that no kubelet lets go is still there at the end, and one that is not to go says nothing of it', () => {
    const still = 'still there at the end of the run: no kubelet has confirmed that its containers are gone';
    expect(told.chapters.at(-1)?.close).toBe(still);
    expect(summary(told)).toContain(`Ended ${still}`);
    expect(podStory(six, 'default/web').chapters.map(({ close }) => close)).not.toContain(still);
  });

  test('story: what a chapter comes to is counted from when its pod was stored', () => {
    const [, second = ''] = knownPodsOf(world.recorder.kept, 'web');
    expect(summary(explain(world.recorder.kept, { kind: 'pod', name: second }))).toMatch(
      /Stored and scheduled on a node after \d(?:\.\d)? ms .* reachable after \d\.\d+ s \(at 1\d\d\.\d/,
    );
  });

  test('story: a fault that was set beforehand does not make a chapter begin before its pod', () => {
    const own = worldFactory()({ nodes: [{ name: 'node-1' }], trace: { keep: true } });
    own.kernel.record('log', 'scenario', 'step/fault', 'csi.CreateVolume', ['fault: {on: csi.CreateVolume, delay: 1s}'], undefined, 0);
    own.kernel.run({ until: seconds(20) });
    const claim = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
---
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers: [{ name: web, image: nginx, volumeMounts: [{ name: data, mountPath: /data }] }]
  volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]
`;
    own.kernel.complete(own.user, 'apply', applyManifests(own, loadManifests([{ file: 'test.yaml', text: claim }]).objects, ['node-1']));
    own.kernel.run({ until: seconds(40) });
    const volume = explain(own.recorder.kept, { kind: 'pod', name: 'default/web' }).chapters.find(({ topic }) => topic === 'volume');
    expect(volume?.scenes[0]?.line).toMatchObject({ at: 0, why: 'a step of the scenario, for what comes later' });
    expect(volume?.at).toBeGreaterThanOrEqual(seconds(20));
  });

  test('story: a pod that names its node was on it from the start, and nothing of other interfaces’ faults is told', () => {
    const own = worldFactory()({ nodes: [{ name: 'node-1' }], trace: { keep: true } });
    own.kernel.record('log', 'scenario', 'step/fault', 'csi.CreateVolume', ['fault: {on: csi.CreateVolume, delay: 1s}'], undefined, 0);
    const placed =
      'apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { nodeName: node-1, containers: [{ name: web, image: nginx }] }';
    own.kernel.complete(own.user, 'apply', applyManifests(own, loadManifests([{ file: 'test.yaml', text: placed }]).objects, ['node-1']));
    own.kernel.run({ until: seconds(10) });
    const story = explain(own.recorder.kept, { kind: 'pod', name: 'default/web' });
    expect(summary(story)).toContain('Stored and scheduled on a node after 0 ms');
    expect(storyText(story)).toContain('stored, phase Pending, for node-1 from the start');
    expect(story.chapters.map(({ topic }) => topic)).not.toContain('volume');
  });

  test('text: no line of them is longer than 100 columns', () => {
    const lines = [told, service].flatMap((story) => storyText(story).split('\n'));
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });
});

describe('mermaid', () => {
  /** The part of the grammar that stories use: a line that is none of these would not be drawn. */
  const LINES = [
    /^sequenceDiagram$/,
    /^ {2}participant p\d+_\w+ as [^;#<>]+$/,
    /^ {2}p\d+_\w+(?:->>|-->>|--x)p\d+_\w+: \S.*$/,
    /^ {2}Note over p\d+_\w+(?:,p\d+_\w+)?: \S.*$/,
    /^ {2}rect rgb\(\d+, \d+, \d+\)$/,
    /^ {2}end$/,
  ];

  test.each([
    ['six', six, 'default/web'],
    ['crash', pods, 'default/crash'],
    ['nowhere', pods, 'default/nowhere'],
  ])('mermaid: every line of %s is one that Mermaid draws', (_title, records, prefix) => {
    const lines = storyMermaid(podStory(records, prefix)).trimEnd().split('\n');
    expect(lines.filter((line) => !LINES.some((form) => form.test(line)))).toEqual([]);
    const declared = new Set(lines.flatMap((line) => /participant (\w+) as/.exec(line)?.[1] ?? []));
    for (const line of lines) {
      // What stands behind the first colon is text: no separator of statements, and no entity but those that are meant.
      const text = /: (.*)$/.exec(line)?.[1] ?? '';
      expect(text.replace(/#(?:59|35|lt|gt);/g, ''), line).not.toMatch(/[;#<>]/);
      for (const [id] of line.matchAll(/\bp\d+_\w+/g)) if (!line.includes(': ')) expect(declared, line).toContain(id);
    }
    expect(lines.filter((line) => line.startsWith('  rect')).length).toBe(lines.filter((line) => line === '  end').length);
  });
});
