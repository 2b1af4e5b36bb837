import fc from 'fast-check';
import type { CSIDriver, KubeObject, Node, Pod } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { makeNode, makePod } from '../../testing/objects.ts';
import { boundClaim, DRIVER, makeCapacity, makeClaim, makeClass, makeVolume, using, viewOf } from '../../testing/storage.ts';
import { claimsOf } from '../../volumes/pod-claims.ts';
import { capacityBytes, requestedBytes } from '../../volumes/binding-facts.ts';
import { findPodVolumes } from './find-pod-volumes.ts';
import { candidatesFor, matchVolume } from './match-volume.ts';
import { podVolumeClaims } from './pod-volume-claims.ts';

const inZone = (name: string, zone: string): Node => makeNode(name, { labels: { 'topology.kubernetes.io/zone': zone } });
const nodeA = inZone('a1', 'a');

/** What the node offers: names of volumes to bind, of claims to provision, or why not. */
function found(pod: Pod, objects: readonly KubeObject[], node: Node = nodeA): unknown {
  const view = viewOf(objects);
  const claims = podVolumeClaims(pod, claimsOf(pod), view);
  if ('refusal' in claims) return claims.refusal;
  const volumes = findPodVolumes(claims, node, view);
  if (!('bindings' in volumes)) return volumes;
  return {
    bind: volumes.bindings.map(({ claim, volume }) => `${claim.metadata.name}=${volume.metadata.name}`),
    provision: volumes.provisions.map(({ metadata }) => metadata.name),
  };
}

const late = makeClass('late');
const byHand = makeClass('late', { provisioner: 'kubernetes.io/no-provisioner' });
const pod = makePod('p', using('data'));
const noMatch = { reasons: ["node(s) didn't find available persistent volumes to bind"] };

describe('podVolumeClaims: why no node will do, verbatim', () => {
  const refused = (reason: string) => ({ code: 'UnschedulableAndUnresolvable', reasons: [reason] });
  const claim = makeClaim('data');
  const deleting = { ...claim, metadata: { ...claim.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  const ephemeral = makePod('p', { spec: { volumes: [{ name: 'scratch', ephemeral: {} }] } });
  test.each<[string, Pod, readonly KubeObject[], unknown]>([
    ['missing claim', pod, [], refused('persistentvolumeclaim "data" not found')],
    ['claim being deleted', pod, [deleting, late], refused('persistentvolumeclaim "data" is being deleted')],
    [
      'lost claim',
      pod,
      [{ ...boundClaim('data', 'gone'), status: { phase: 'Lost' } } as KubeObject, late],
      refused('persistentvolumeclaim "data" bound to non-existent persistentvolume "gone"'),
    ],
    [
      'immediate class',
      pod,
      [claim, makeClass('late', { volumeBindingMode: 'Immediate' })],
      refused('pod has unbound immediate PersistentVolumeClaims'),
    ],
    ['no such class', pod, [claim], refused('pod has unbound immediate PersistentVolumeClaims')],
    [
      'a claim that names its volume',
      pod,
      [makeClaim('data', { volumeName: 'pv' }), late],
      refused('pod has unbound immediate PersistentVolumeClaims'),
    ],
    [
      'ephemeral volume without its claim yet',
      ephemeral,
      [],
      refused('waiting for ephemeral volume controller to create the persistentvolumeclaim "p-scratch"'),
    ],
    [
      'ephemeral volume with the claim of somebody else',
      ephemeral,
      [makeClaim('p-scratch'), late],
      refused('PVC default/p-scratch was not created for pod default/p (pod is not owner)'),
    ],
  ])('%s', (_title, wanting, objects, expected) => {
    expect(found(wanting, objects)).toEqual(expected);
  });
});

describe('findPodVolumes: what a node offers', () => {
  const selected = (node: string) => {
    const claim = makeClaim('data');
    return { ...claim, metadata: { ...claim.metadata, annotations: { 'volume.kubernetes.io/selected-node': node } } };
  };
  const inB = makeClass('late', {
    allowedTopologies: [{ matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values: ['b', 'c'] }] }],
  });
  const tracking: CSIDriver = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name: DRIVER },
    spec: { storageCapacity: true },
  };
  test.each<[string, readonly KubeObject[], unknown]>([
    ['a bound volume that it reaches', [boundClaim('data', 'pv'), makeVolume('pv', { zone: 'a' })], { bind: [], provision: [] }],
    [
      'a bound volume elsewhere',
      [boundClaim('data', 'pv'), makeVolume('pv', { zone: 'b' })],
      { reasons: ["node(s) didn't match PersistentVolume's node affinity"] },
    ],
    [
      'a bound volume that is gone',
      [boundClaim('data', 'pv')],
      { reasons: ['node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'] },
    ],
    ['nothing, so a volume is made', [makeClaim('data'), late], { bind: [], provision: ['data'] }],
    ['nothing, and nobody makes volumes', [makeClaim('data'), byHand], noMatch],
    ['an existing volume rather than a new one', [makeClaim('data'), late, makeVolume('pv')], { bind: ['data=pv'], provision: [] }],
    ['an existing volume elsewhere', [makeClaim('data'), byHand, makeVolume('pv', { zone: 'b' })], noMatch],
    ['a class for other zones', [makeClaim('data'), inB], noMatch],
    ['a claim that is on its way to another node', [selected('b1'), late], noMatch],
    ['a claim that is on its way here, whatever exists', [selected('a1'), late, makeVolume('pv')], { bind: [], provision: ['data'] }],
    [
      'too little space in its zone',
      [makeClaim('data', { size: '5Gi' }), late, tracking, makeCapacity('ca', 'a', '4Gi'), makeCapacity('cb', 'b', '9Gi')],
      { reasons: ['node(s) did not have enough free storage'] },
    ],
    [
      'space, but not for one volume of that size',
      [makeClaim('data', { size: '5Gi' }), late, tracking, makeCapacity('ca', 'a', '9Gi', '4Gi')],
      { reasons: ['node(s) did not have enough free storage'] },
    ],
    [
      'space enough',
      [makeClaim('data', { size: '5Gi' }), late, tracking, makeCapacity('ca', 'a', '5Gi')],
      { bind: [], provision: ['data'] },
    ],
    ['unknown space of a driver that does not tell', [makeClaim('data', { size: '5Gi' }), late], { bind: [], provision: ['data'] }],
  ])('%s', (_title, objects, expected) => {
    expect(found(pod, objects)).toEqual(expected);
  });

  test('both reasons at once, when a bound volume is elsewhere and another claim finds nothing', () => {
    const both = makePod('p', using('data', 'more'));
    const objects = [boundClaim('data', 'pv'), makeVolume('pv', { zone: 'b' }), makeClaim('more'), byHand];
    expect(found(both, objects)).toEqual({
      reasons: ["node(s) didn't match PersistentVolume's node affinity", ...noMatch.reasons],
    });
  });

  test('two claims take two volumes, and the smaller claim does not take what the larger one needs', () => {
    const both = makePod('p', using('large', 'small'));
    const objects = [
      makeClaim('large', { size: '8Gi' }),
      makeClaim('small'),
      byHand,
      makeVolume('pv-big', { size: '9Gi' }),
      makeVolume('pv-mid', { size: '2Gi' }),
    ];
    expect(found(both, objects)).toEqual({ bind: ['small=pv-mid', 'large=pv-big'], provision: [] });
  });
});

describe('matchVolume', () => {
  const volume = fc.record({
    size: fc.constantFrom('1Gi', '2Gi', '5Gi'),
    zone: fc.constantFrom('a', 'b'),
    storageClassName: fc.constantFrom('late', 'other'),
    volumeMode: fc.constantFrom('Filesystem' as const, 'Block' as const),
    accessModes: fc.constantFrom(['ReadWriteOnce'] as const, ['ReadOnlyMany'] as const),
    labels: fc.constantFrom({ disk: 'ssd' }, { disk: 'hdd' }),
  });
  const claims = fc.record({
    size: fc.constantFrom('1Gi', '2Gi'),
    volumeMode: fc.constantFrom('Filesystem' as const, 'Block' as const),
    selector: fc.constantFrom(undefined, { matchLabels: { disk: 'ssd' } }),
  });

  test('the volume suits the claim and the node, no smaller one does, and order of arrival does not matter', () => {
    fc.assert(
      fc.property(fc.array(volume, { maxLength: 8 }), claims, (parts, { selector, ...rest }) => {
        const made = parts.map((each, index) => makeVolume(`pv-${index}`, each));
        const claim = makeClaim('data', { ...rest, ...(selector && { selector }) });
        const stored = viewOf(made).candidates('late', 'default/data');
        const chosen = matchVolume(candidatesFor(claim, stored), nodeA, new Set());
        const suits = stored.filter(
          (each) =>
            capacityBytes(each) >= requestedBytes(claim) &&
            each.spec.volumeMode === claim.spec.volumeMode &&
            each.spec.accessModes?.[0] === 'ReadWriteOnce' &&
            (selector === undefined || each.metadata.labels?.['disk'] === 'ssd') &&
            JSON.stringify(each.spec.nodeAffinity).includes('["a"]'),
        );
        expect(chosen && capacityBytes(chosen)).toBe(suits.length === 0 ? undefined : Math.min(...suits.map(capacityBytes)));
        if (chosen) expect(suits).toContainEqual(chosen);
        expect(matchVolume(candidatesFor(claim, stored.toReversed()), nodeA, new Set())).toEqual(chosen);
      }),
    );
  });

  test('a volume that names the claim goes before smaller ones, and keeps the claim off nodes that do not reach it', () => {
    const claim = viewOf([makeClaim('data')]).claim('default/data');
    if (!claim) throw new Error('the claim is there');
    const kept = makeVolume('kept', { size: '9Gi', zone: 'b', claimRef: { name: 'data', namespace: 'default' } });
    const candidates = candidatesFor(claim, viewOf([makeVolume('small'), kept]).candidates('late', 'default/data'));
    expect(matchVolume(candidates, inZone('b1', 'b'), new Set())?.metadata.name).toBe('kept');
    expect(matchVolume(candidates, nodeA, new Set())).toBeUndefined();
  });

  test('taken, foreign, unavailable and leaving volumes are passed over', () => {
    const claim = makeClaim('data');
    const foreign = makeVolume('foreign', { claimRef: { name: 'other', namespace: 'default' } });
    const failed = { ...makeVolume('failed'), status: { phase: 'Failed' } as const };
    const leaving = makeVolume('leaving');
    const objects = [
      foreign,
      failed,
      { ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } },
      makeVolume('x'),
    ];
    const candidates = candidatesFor(claim, viewOf(objects).candidates('late', 'default/data'));
    expect(matchVolume(candidates, nodeA, new Set())?.metadata.name).toBe('x');
    expect(matchVolume(candidates, nodeA, new Set(['x']))).toBeUndefined();
  });
});
