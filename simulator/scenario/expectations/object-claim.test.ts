import { describe, expect, it, test } from 'vitest';
import { configMap, node, pod } from '../../apiserver/test-world.ts';
import { Court, problemsOf } from './test-claims.ts';

function court(): Court {
  const made = new Court();
  for (const name of ['a', 'b', 'c']) made.run(made.api.pods.create(pod(name)));
  made.run(made.api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }));
  made.run(made.api.pods.create(pod('web', {}, { namespace: 'shop', labels: { app: 'web' } })));
  made.run(made.api.nodes.create(node('node-1')));
  made.run(made.api.configmaps.create(configMap('settings', { mode: 'fast' })));
  return made;
}

describe('object', () => {
  it('holds for an object with the fields named, in whatever namespace when it has no name', () => {
    const { say } = bound(court());
    expect(say({ object: { kind: 'ConfigMap', metadata: { name: 'settings' }, data: { mode: 'fast' } } })).toBe('true');
    expect(say({ object: { kind: 'Pod', apiVersion: 'v1', metadata: { labels: { app: 'web' } } } })).toBe('true');
    expect(say({ object: { kind: 'Node', metadata: { name: 'node-1' } } })).toBe('true');
  });

  it('with a name and no namespace means the one in default', () => {
    const { say } = bound(court());
    expect(say({ object: { kind: 'Pod', metadata: { name: 'web' } } })).toBe(
      'there is no Pod default/web; there is default/a, default/b, default/c, shop/web',
    );
    expect(say({ object: { kind: 'Pod', metadata: { name: 'web', namespace: 'shop' } } })).toBe('true');
  });

  it('names the nearest object and the first field that differs', () => {
    const { say } = bound(court());
    expect(say({ object: { kind: 'Pod', metadata: { name: 'a' }, status: { phase: 'Running' } } })).toBe(
      'Pod default/a: status.phase is "Pending", not "Running"',
    );
    expect(say({ object: { kind: 'Pod', metadata: { labels: { app: 'web' } }, status: { phase: 'Running' } } })).toBe(
      'Pod shop/web: status.phase is "Pending", not "Running"',
    );
    expect(say({ object: { kind: 'Secret' } })).toBe('there is no Secret');
  });

  it('with count holds for exactly so many', () => {
    const { say } = bound(court());
    const pending = { kind: 'Pod', metadata: { namespace: 'default' }, status: { phase: 'Pending' } };
    expect(say({ object: pending, count: 3 })).toBe('true');
    expect(say({ object: pending, count: 2 })).toBe('3 pods match, not 2: default/a, default/b, default/c');
    expect(say({ object: pending, count: 4 })).toBe(
      '3 pods match, not 4: default/a, default/b, default/c; nearest of the others: Pod shop/web: metadata.namespace is "shop", not "default"',
    );
    expect(say({ object: { kind: 'Secret' }, count: 0 })).toBe('true');
  });

  it('puts variables in, and does not hold while nothing is kept', () => {
    const made = court();
    const document = { object: { kind: 'Node', metadata: { name: '$lost' } } };
    expect(made.say(document)).toContain('nothing is called $lost yet');
    made.variables.set('lost', 'node-1');
    expect(made.say(document)).toBe('true');
    made.variables.set('lost', 'node-2');
    expect(made.say(document)).toBe('there is no Node node-2; there is node-1');
  });

  it('takes $$ for a dollar', () => {
    const made = court();
    made.run(made.api.configmaps.create(configMap('prices', { tea: '$3', cake: '$lost' })));
    expect(made.say({ object: { kind: 'ConfigMap', data: { tea: '$$3', cake: '$$lost' } } })).toBe('true');
  });

  it('tells what was there when it was judged, also when it is read later', () => {
    const made = court();
    const verdict = made.verdict({ object: { kind: 'Secret', metadata: { name: 'late' } } });
    made.run(made.api.secrets.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late', namespace: 'default' } }));
    expect(verdict).toMatchObject({ held: false, message: 'there is no Secret default/late; there are no secrets at all' });
  });

  it('reads only its kind', () => {
    expect([...court().compile({ object: { kind: 'ConfigMap', metadata: { name: 'x' } } }).kinds]).toEqual(['configmaps']);
  });
});

describe('absent', () => {
  it('holds when there is none, and names the one that is there', () => {
    const { say } = bound(court());
    expect(say({ absent: { kind: 'Pod', metadata: { name: 'gone' } } })).toBe('true');
    expect(say({ absent: { kind: 'Pod', metadata: { name: 'a' } } })).toBe('Pod default/a is there');
    expect(say({ absent: { kind: 'Pod', metadata: { name: 'a' }, status: { phase: 'Running' } } })).toBe('true');
    expect(say({ absent: { kind: 'Pod', status: { phase: 'Pending' } } })).toBe(
      'there are 4 pods with {status: {phase: "Pending"}}: default/a, default/b, default/c, shop/web',
    );
  });
});

test.each([
  [{ object: { kind: 'Pdo' } }, 'object: there is no kind "Pdo" | did you mean "Pod"?'],
  [{ object: { kind: 'pods' } }, 'object: there is no kind "pods" | did you mean "Pod"?'],
  [{ object: { kind: 'Gadget' } }, 'object: there is no kind "Gadget" | a custom kind needs its CustomResourceDefinition in a manifest'],
  [
    { object: { kind: 'Deployment', apiVersion: 'v1', metadata: { name: 'x' } } },
    'object: there is no kind "Deployment" in v1 | write "apiVersion: apps/v1", or leave it out',
  ],
  [{ object: { kind: 'Pod', spec: { nodname: 'x' } } }, 'object: Pod spec: unknown field "nodname" | did you mean "nodeName"?'],
  [{ object: { kind: 'Pod', colour: 'x' } }, 'object: Pod: unknown field "colour" | remove it, or move it to where it belongs'],
  [
    { absent: { kind: 'Pod', status: { phase: 'Runing' } } },
    'absent: Pod status.phase: unsupported value "Runing": must be one of Pending, Running, Succeeded, Failed, Unknown | did you mean "Running"?',
  ],
  [
    { object: { kind: 'Deployment', spec: { replicas: '3' } } },
    'object: Deployment spec.replicas: must be a whole number, not the string "3" | write 3',
  ],
  [{ object: { kind: 'Node', metadata: { name: '$who' } } }, 'object: no step keeps $who | write "as: who" at the step that chooses it'],
  [{ object: { kind: 'Node', metadata: { name: '$lots' } } }, 'object: no step keeps $lots | did you mean "$lost"?'],
  [
    { object: { kind: 'Node' } },
    'object: this could never fail: every cluster has such a Node | name a field that must have a certain value, or add "count"',
  ],
  [
    { object: { kind: 'Namespace', metadata: { name: 'default' } } },
    'object: this could never fail: every cluster has such a Namespace | name a field that must have a certain value, or add "count"',
  ],
  [
    { absent: { kind: 'Node', metadata: {} } },
    'absent: this could never hold: every cluster has such a Node | name the object, or a field that no object may have',
  ],
  [
    { absent: { kind: 'Pod', metadata: { name: 'Web_1' } } },
    'absent: this could never fail: "Web_1" is no name of a Pod | write lower-case letters, digits, dashes and dots',
  ],
  [
    { object: { kind: 'Node', metadata: { name: 'x', namespace: 'y' } } },
    'object: a Node is in no namespace | leave metadata.namespace out',
  ],
  [
    { object: { kind: 'Pod', metadata: { name: 'x' } }, count: 2 },
    'count: this could never hold: there is one Pod of a name | leave metadata.name out, or count',
  ],
  [
    {},
    'expect: nothing is expected here | add one of object, absent, condition, event, request, reachable, cel, or an "always" with a CEL expression',
  ],
  [{ always: true as const }, 'expect: nothing is expected here | add a claim, or write the CEL expression after "always:"'],
  [
    { cel: 'pods.size() > 1', condition: 'Ready' },
    'expect: "condition" and "cel" stand in one expectation | write one expectation for each',
  ],
  [{ cel: 'pods.size() > 1', of: 'pod/a' }, 'of: goes with condition and event, not with cel | leave it out'],
  [{ event: 'Killing', count: 2 }, 'count: goes with object, not with event | write it below event'],
])('mistakes: %j is refused', (document, problem) => {
  expect(problemsOf(document, { variables: ['lost'] })).toEqual([problem]);
});

test.each([
  { object: { kind: 'Pod', status: { conditions: [{ type: 'Ready', status: 'True' }] } } },
  { object: { kind: 'Deployment', spec: { replicas: 3, template: { spec: { containers: [{ resources: { limits: { cpu: 1 } } }] } } } } },
  { object: { kind: 'Pod', metadata: { deletionTimestamp: null } } },
  { object: { kind: 'Deployment', spec: { replicas: '$lost' } } },
  { object: { kind: 'Node' }, count: 3 },
  { object: { kind: 'PersistentVolume', spec: { claimRef: { name: 'data' } }, status: { phase: 'Bound' } } },
  { object: { kind: 'Service', spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } } },
])('parts: %j is accepted', (document) => {
  expect(problemsOf(document, { variables: ['lost'] })).toEqual([]);
});

/** The method on its own. */
function bound(made: Court): { say: Court['say'] } {
  return { say: (document, since) => made.say(document, since) };
}
