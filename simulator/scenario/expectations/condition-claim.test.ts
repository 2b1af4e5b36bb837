import { customKinds, type CustomResourceDefinition, type GenericObject } from '@slipway/kube';
import { describe, expect, it, test } from 'vitest';
import { pod } from '../../apiserver/test-world.ts';
import { Court, problemsOf } from './test-claims.ts';

const gadgets: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.shop.example' },
  spec: {
    group: 'shop.example',
    names: { plural: 'gadgets', kind: 'Gadget' },
    scope: 'Namespaced',
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

describe('condition', () => {
  it('holds for the status that is asked for, True if none is', () => {
    const court = new Court();
    const made = court.run(court.api.pods.create(pod('a')));
    expect(court.say({ condition: 'Ready', of: 'pod/a' })).toBe('Pod default/a has no condition Ready yet');
    const status = (ready: 'True' | 'False') => ({
      phase: 'Running' as const,
      conditions: [{ type: 'Ready', status: ready, reason: 'ContainersNotReady', message: 'main waits' }],
    });
    const failing = court.run(court.api.pods.updateStatus({ ...made, status: status('False') }));
    expect(court.say({ condition: 'Ready', of: 'po/a' })).toBe('Pod default/a: Ready is False, not True (ContainersNotReady: main waits)');
    expect(court.say({ condition: 'Ready=false', of: 'Pod/default/a' })).toBe('true');
    expect(court.say({ condition: 'Ready=Unknown', of: 'pods/a' })).toContain('Ready is False, not Unknown');
    expect(court.say({ condition: 'example.com/gate', of: 'pods/a' })).toBe(
      'Pod default/a has no condition example.com/gate; it has Ready',
    );
    court.run(court.api.pods.updateStatus({ ...failing, status: status('True') }));
    expect(court.say({ condition: 'Ready', of: 'pod/a' })).toBe('true');
  });

  it('names what there is where the object is not there', () => {
    const court = new Court();
    expect(court.say({ condition: 'Available', of: 'deploy/web' })).toBe(
      'there is no Deployment default/web; there are no deployments at all',
    );
    court.run(court.api.pods.create(pod('a')));
    expect(court.say({ condition: 'Ready', of: 'pod/web' })).toBe('there is no Pod default/web; there is default/a');
    court.variables.set('later', 'a');
    expect(court.say({ condition: 'Ready', of: 'pod/$later' })).toBe('Pod default/a has no condition Ready yet');
  });

  it('reads custom kinds, from before their definition is there', () => {
    const court = new Court();
    const judge = court.compile({ condition: 'Polished', of: 'gadget/one' }, customKinds(gadgets));
    expect(judge.judge(court.context).message).toBe('there is no Gadget default/one; there are no gadgets at all');
    court.run(court.api.customresourcedefinitions.create(gadgets));
    const gadget: GenericObject = {
      apiVersion: 'shop.example/v1',
      kind: 'Gadget',
      metadata: { name: 'one', namespace: 'default' },
      status: { conditions: [{ type: 'Polished', status: 'True' }] },
    };
    court.run(court.api.resource('gadgets').create(gadget));
    expect(judge.judge(court.context).held).toBe(true);
    expect([...judge.kinds]).toEqual(['gadgets']);
  });
});

test.each([
  [{ condition: 'Ready' }, 'condition: of which object? | add "of: deployment/web"'],
  [{ condition: 'Ready=Yes', of: 'pod/a' }, 'condition: "Ready=Yes" is no condition | write Available, Ready=False or Ready=Unknown'],
  [
    { condition: 'Availble', of: 'deploy/a' },
    'condition: this could never hold: a Deployment has no condition "Availble" | did you mean "Available"?',
  ],
  [
    { condition: 'Ready', of: 'deploy/a' },
    'condition: this could never hold: a Deployment has no condition "Ready" | there is Available, Progressing, ReplicaFailure',
  ],
  [
    { condition: 'Ready', of: 'sts/a' },
    'condition: this could never hold: a StatefulSet has no conditions | write "object: { kind: StatefulSet, metadata: { name: a }, status: { … } }"',
  ],
  [
    { condition: 'Ready', of: 'cm/a' },
    'condition: this could never hold: a ConfigMap has no conditions | write "object: { kind: ConfigMap, metadata: { name: a } }"',
  ],
  [{ condition: 'Raedy', of: 'pod/a' }, 'condition: a Pod usually has no condition "Raedy" | did you mean "Ready"?'],
  [{ condition: 'Ready', of: 'pot/a' }, 'of: there is no kind "pot" | did you mean "pod/a"?'],
  [
    { condition: 'Ready', of: 'web' },
    'of: "web" names no object | write kind/name, or kind/namespace/name: deployment/web, pod/shop/web-0',
  ],
  [{ condition: 'Ready', of: 'node/default/a' }, 'of: "node/default/a": a Node is in no namespace | write "node/a"'],
  [{ condition: 'Ready', of: 'node/$who' }, 'of: no step keeps $who | write "as: who" at the step that chooses it'],
])('mistakes: %j is refused', (document, problem) => {
  expect(problemsOf(document)).toEqual([problem]);
});
