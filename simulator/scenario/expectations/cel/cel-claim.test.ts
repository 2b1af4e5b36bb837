import { seconds } from '@slipway/kernel';
import { customKinds, type CustomResourceDefinition } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { node, pod } from '../../../apiserver/test-world.ts';
import { Court, problemsOf } from '../test-claims.ts';

const ONE_ATTACHMENT =
  'volumeAttachments.all(a, volumeAttachments.filter(b, b.spec.source.persistentVolumeName == a.spec.source.persistentVolumeName && has(b.status) && b.status.attached).size() <= 1)';

function court(pods: readonly string[] = ['a', 'b']): Court {
  const made = new Court();
  for (const name of pods) made.run(made.api.pods.create(pod(name)));
  return made;
}

function attach(made: Court, nodeName: string, attached: boolean): void {
  const object = made.run(
    made.api.volumeattachments.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: `csi-${nodeName}` },
      spec: { attacher: 'ebs.csi.aws.com', nodeName, source: { persistentVolumeName: 'pv-1' } },
    }),
  );
  if (attached) made.run(made.api.volumeattachments.updateStatus({ ...object, status: { attached } }));
}

describe('cel', () => {
  it('a volume is attached once: the example of the design', () => {
    const made = court();
    attach(made, 'node-1', true);
    attach(made, 'node-2', false);
    expect(made.say({ always: ONE_ATTACHMENT })).toBe('true');
    attach(made, 'node-3', true);
    expect(made.say({ always: ONE_ATTACHMENT })).toMatch(
      /^VolumeAttachment csi-node-1: volumeAttachments\.filter\(.*\)\.size\(\) is 2 \(VolumeAttachment csi-node-1, VolumeAttachment csi-node-3\)$/,
    );
  });

  it('reads only the kinds that it names, by either spelling', () => {
    const kinds = (cel: string) => [...court().compile({ cel }).kinds];
    expect(kinds(ONE_ATTACHMENT)).toEqual(['volumeattachments']);
    expect(kinds('persistentvolumeclaims.size() <= pods.size() + endpointSlices.size()')).toEqual([
      'persistentvolumeclaims',
      'pods',
      'endpointslices',
    ]);
  });

  it.each([
    ['pods.all(p, p.status.phase == "Running")', 'Pod default/a: p.status.phase is "Pending"'],
    ['pods.all(p, has(p.spec.nodeName) && p.spec.nodeName != "")', 'Pod default/a: has(p.spec.nodeName) is false'],
    ['pods.all(p, !has(p.status.phase) || p.status.phase == "Running")', 'Pod default/a: p.status.phase is "Pending"'],
    [
      'pods.all(p, p.metadata.labels.app == "x")',
      'Pod default/a: p.metadata.labels is not set; use has(p.metadata.labels) before it is read, or p.metadata.?labels.orValue(…)',
    ],
    ['pods.exists(p, p.status.phase == "Running")', 'none of 2 in pods; Pod default/a: p.status.phase is "Pending"'],
    [
      'pods.exists(p, p.metadata.name == "b" && p.status.phase == "Running")',
      'none of 2 in pods; Pod default/b: p.status.phase is "Pending"',
    ],
    ['secrets.exists(s, s.metadata.name == "x")', 'secrets is empty'],
    ['pods.size() == 3', 'pods.size() is 2 (Pod default/a, Pod default/b)'],
    ['3 <= size(pods)', 'size(pods) is 2 (Pod default/a, Pod default/b)'],
    ['pods.size() == 2 && pods.exists(p, p.metadata.name == "c")', 'none of 2 in pods; Pod default/a: p.metadata.name is "a"'],
    [
      'pods.size() == 3 || pods.size() > 5',
      'pods.size() is 2 (Pod default/a, Pod default/b); and pods.size() is 2 (Pod default/a, Pod default/b)',
    ],
    ['!pods.exists(p, p.metadata.name == "b")', 'pods.exists(p, p.metadata.name == "b") is true'],
    ['pods.all(p, p.spec.containers.all(c, c.image == "x"))', 'Pod default/a: main: c.image is "nginx:1.27"'],
    ['pods.map(p, p.metadata.name) == ["a"]', 'pods.map(p, p.metadata.name) is ["a", "b"], ["a"] is ["a"]'],
  ])('says why %s does not hold', (cel, message) => {
    expect(court().say({ cel })).toBe(message);
  });

  it.each([
    'pods.all(p, p.status.phase == "Pending")',
    'pods.exists_one(p, p.metadata.name == "a")',
    'pods.all(p, p.?metadata.?labels.?app.orValue("none") == "none")',
    'pods.filter(p, p.status.phase == "Pending").map(p, p.metadata.name).size() == 2',
    'pods.all(p, p.spec.containers.all(c, quantity("1Gi") == quantity("1024Mi") && quantity("100m") < quantity(1)))',
    'pods.all(p, quantity("2").isGreaterThan(quantity("1500m")) && isQuantity("1Gi") && !isQuantity("x"))',
    'pods.all(p, timestamp(p.metadata.creationTimestamp) - timestamp("2020-01-01T00:00:00Z") > duration("1h"))',
    'pods.size() == 2 && now >= 0.0',
    'pods.all(p, p.spec.containers[0].image.startsWith("nginx") && "main" in p.spec.containers.map(c, c.name))',
    'cel.bind(waiting, pods.filter(p, p.status.phase == "Pending"), waiting.size() == 2)',
    'pods.all(p, p.metadata.generation == 1)',
  ])('understands %s', (cel) => {
    expect(court().say({ cel })).toBe('true');
  });

  it('variables are texts, or lists of them where a step kept several', () => {
    const made = court();
    made.run(made.api.nodes.create(node('node-1')));
    const cel = 'nodes.exists(n, n.metadata.name == $lost)';
    expect(made.say({ cel })).toContain('nothing is called $lost yet');
    made.variables.set('lost', 'node-2');
    expect(made.say({ cel })).toBe('Node node-1: n.metadata.name is "node-1", $lost is "node-2"');
    made.variables.set('lost', 'node-1');
    made.variables.set('several', ['node-1', 'node-2']);
    for (const text of [cel, cel.replace('$lost', '"$lost"'), cel.replace('$lost', '${lost}'), 'nodes.all(n, n.metadata.name in $several)'])
      expect(made.say({ cel: text })).toBe('true');
  });

  it('now is the time since the start, in seconds', () => {
    const made = court();
    made.world.pass(seconds(90));
    expect(made.say({ cel: 'pods.size() == 2 && now == 90.0' })).toBe('true');
  });

  it('custom kinds count, from before their definition is there', () => {
    const definition: CustomResourceDefinition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'serverthings.shop.example' },
      spec: {
        group: 'shop.example',
        names: { plural: 'serverthings', kind: 'ServerThing' },
        scope: 'Cluster',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    };
    const made = court();
    const judge = made.compile({ cel: 'serverThings.exists(t, t.anything == 3)' }, customKinds(definition));
    expect(judge.judge(made.context).message).toBe('serverThings is empty');
    made.run(made.api.customresourcedefinitions.create(definition));
    made.run(
      made.api
        .resource('serverthings')
        .create({ apiVersion: 'shop.example/v1', kind: 'ServerThing', metadata: { name: 'x' }, anything: 3 }),
    );
    expect(judge.judge(made.context).held).toBe(true);
  });

  it('tells what was there when it was judged, also when it is read later', () => {
    const made = court(['a']);
    const verdict = made.verdict({ cel: 'pods.all(p, p.metadata.name == "b")' });
    made.run(made.api.pods.delete({ namespace: 'default', name: 'a', gracePeriodSeconds: 0 }));
    expect(verdict.message).toBe('Pod default/a: p.metadata.name is "a"');
  });

  it('judged after each write, an expression about each element is what it is when judged anew', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      phase: fc.constantFrom('Running', 'Pending', 'Failed', 'gone'),
    } as const);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const made = court([]);
        const cel = 'pods.all(p, p.status.phase != "Failed")';
        const kept = made.compile({ cel });
        for (const { name, phase } of steps) {
          const there = made.world.server.peek('pods', 'default', name);
          if (phase === 'gone' && there) made.run(made.api.pods.delete({ namespace: 'default', name, gracePeriodSeconds: 0 }));
          if (phase !== 'gone') {
            const current = there ? made.run(made.api.pods.get({ namespace: 'default', name })) : made.run(made.api.pods.create(pod(name)));
            made.run(made.api.pods.updateStatus({ ...current, status: { phase } }));
          }
          expect(kept.judge(made.context).held).toBe(made.verdict({ cel }).held);
          const phases = [...made.world.server.objects('pods')].map((each) => (each as { status?: { phase?: string } }).status?.phase);
          expect(kept.judge(made.context).held).toBe(!phases.includes('Failed'));
        }
      }),
      { numRuns: 25 },
    );
  });
});

test.each([
  ['pods.all(p, p.status.phase = "x")', 'unexpected character: =, at "=" (character 28) | write == to compare'],
  ['pods.all(p,', 'unexpected token: EOF, at its end | write for example pods.all(p, p.status.phase == "Running")'],
  ['pods.size() > 1 and pods.size() < 3', `unexpected character: 'd', at "and" (character 17) | write && for and, || for or, ! for not`],
  ['pod.size() > 1', 'nothing is called "pod" | did you mean "pods"?'],
  ['deploy.size() > 1', 'nothing is called "deploy" | did you mean "deployments"?'],
  ['volumeAttachment.size() > 1', 'nothing is called "volumeAttachment" | did you mean "volumeAttachments"?'],
  [
    'nodes.all(n, x.metadata.name == "a")',
    'nothing is called "x" | lists are called by the plurals of kinds: pods, volumeAttachments; a custom kind needs its definition in a manifest',
  ],
  ['nodes.all(n, n.metadata.name == lost)', 'nothing is called "lost" | write $lost for what a step kept'],
  ['nodes.all(n, n.metadata.name == $lots)', 'no step keeps $lots | did you mean "$lost"?'],
  ['nodes.all(n, n.metadata.name == "x-$lost")', '$lost stands inside the text "x-$lost" | put them together: "…" + $lost'],
  [
    'pods.first()',
    'found no matching overload for \'list.first()\', at "pods.first()" (character 1) | there is all, exists, exists_one, filter, map, size, has, contains, startsWith, endsWith, matches, quantity',
  ],
  [
    'pods.size() == "2"',
    'no such overload: int == string, at "pods.size() == "2"" (character 1) | compare like with like: numbers with numbers, texts with texts in quotes',
  ],
  ['pods.size()', 'the expression gives a number, not true or false | compare it with something: … == "Running"'],
  ['pods[0].metadata.name', 'the expression gives a value, not true or false | compare it with something: … == "Running"'],
  ['pods', 'the expression gives a list, not true or false | compare it with something: … == "Running"'],
  [
    'now > 3.0',
    'the expression names no kind, so that nothing in the cluster could change it | ask about objects: pods.all(p, …), nodes.exists(n, …)',
  ],
  ['true', 'this could never fail: it is always true | say what could go wrong'],
  ['pods.size() == 1 || true', 'this could never fail: "true" is always true | say what could go wrong'],
  ['pods.all(p, true)', 'this could never fail: it is always true | say what could go wrong'],
  ['pods.all(p, p.spec.nodeName == p.spec.nodeName)', 'this could never fail: it is always true | say what could go wrong'],
  ['pods.size() >= 0', 'this could never fail: it is always true | say what could go wrong'],
  ['pods == pods', 'this could never fail: it is always true | say what could go wrong'],
  ['size(pods) < 0', 'this could never hold: it is always false | say what should come true'],
  ['false && pods.size() == 1', 'this could never hold: "false" is always false | say what should come true'],
  ['pods.all(p, p.status.phse == "Running")', 'Pod status: unknown field "phse" | did you mean "phase"?'],
  ['pods.all(p, !has(p.status.phse))', 'Pod status: unknown field "phse" | did you mean "phase"?'],
  [
    'pods.filter(p, true).all(p, p.spec.containers.all(c, c.imag != ""))',
    'Pod spec.containers: unknown field "imag" | did you mean "image"?',
  ],
  ['pods[0].spec.nodname == "x"', 'Pod spec: unknown field "nodname" | did you mean "nodeName"?'],
  [
    'pods.all(p, p.status.phase == "Runing")',
    'Pod status.phase: unsupported value "Runing": must be one of Pending, Running, Succeeded, Failed, Unknown | did you mean "Running"?',
  ],
])('mistakes: %s is refused', (cel, problem) => {
  expect(problemsOf({ cel }, { variables: ['lost'] })).toEqual([`cel: ${problem}`]);
  expect(problemsOf({ always: cel }, { variables: ['lost'] })).toEqual([`always: ${problem}`]);
});
