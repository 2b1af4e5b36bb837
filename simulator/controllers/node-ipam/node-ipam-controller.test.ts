import { seconds } from '@slipway/kernel';
import type { Node } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ControllerWorld, node } from '../testing/world.ts';
import { nodeIpamController } from './node-ipam-controller.ts';

const ranges = (world: ControllerWorld): readonly (string | undefined)[] => world.list<Node>('nodes').map(({ spec }) => spec?.podCIDR);

describe('node IPAM', () => {
  it('gives ranges in order of arrival, and leaves a node alone that brings its own', () => {
    const world = new ControllerWorld({ controllers: [nodeIpamController({ clusterCidr: '10.244.0.0/16' })], nodes: [], kubelet: false });
    world.run(world.api.nodes.create({ ...node('own'), spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] } }));
    for (const name of ['z', 'a']) {
      world.run(world.api.nodes.create(node(name)));
      world.pass(seconds(0.1));
    }
    expect(world.list<Node>('nodes').map(({ metadata, spec }) => [metadata.name, spec?.podCIDR, spec?.podCIDRs])).toEqual([
      ['a', '10.244.2.0/24', ['10.244.2.0/24']],
      ['own', '10.244.0.0/24', ['10.244.0.0/24']],
      ['z', '10.244.1.0/24', ['10.244.1.0/24']],
    ]);
  });

  it('says so when none is left, and takes one that becomes free', () => {
    const world = new ControllerWorld({
      controllers: [nodeIpamController({ clusterCidr: '10.0.0.0/23', nodeMaskSize: 24 })],
      nodes: ['a', 'b', 'c'],
      kubelet: false,
    });
    world.pass(seconds(1));
    expect(ranges(world)).toEqual(['10.0.0.0/24', '10.0.1.0/24', undefined]);
    expect(world.events('Node')).toEqual(['CIDRNotAvailable Node c status is now: CIDRNotAvailable']);
    world.run(world.api.nodes.delete({ name: 'a' }));
    world.pass(seconds(1));
    expect(ranges(world)).toEqual(['10.0.1.0/24', '10.0.0.0/24']);
  });

  it('no two nodes ever share a range, whatever comes, goes and crashes', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('add' as const, 'remove' as const), name: fc.constantFrom('a', 'b', 'c', 'd', 'e') }),
      fc.constant({ do: 'crash' as const, name: '' }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const controllers = () => [nodeIpamController({ clusterCidr: '10.0.0.0/22', nodeMaskSize: 24 })];
        const world = new ControllerWorld({ controllers: controllers(), nodes: [], kubelet: false });
        world.server.observe(() => {
          const taken = world.stored<Node>('nodes').flatMap(({ spec }) => spec?.podCIDR ?? []);
          expect(new Set(taken).size).toBe(taken.length);
        });
        for (const { do: what, name } of steps) {
          const exists = world.stored<Node>('nodes').some(({ metadata }) => metadata.name === name);
          if (what === 'crash') world.restartManager(controllers());
          else if (what === 'add' && !exists) world.run(world.api.nodes.create(node(name)));
          else if (what === 'remove' && exists) world.run(world.api.nodes.delete({ name }));
        }
        world.pass(seconds(1));
        expect(ranges(world).filter(Boolean).length).toBe(Math.min(4, ranges(world).length));
      }),
      { numRuns: 40 },
    );
  });
});
