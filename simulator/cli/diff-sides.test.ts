import { describe, expect, it } from 'vitest';
import { sidesOf } from './diff-sides.ts';

const sides = (set: readonly string[], more: { left?: string[]; right?: string[]; seed?: string } = {}) =>
  sidesOf({ set, left: [], right: [], ...more });

describe('the two sides of a diff', () => {
  it('a path that is set once changes the right run', () => {
    expect(sides(['plugins.cni=bridge', 'seed=7'])).toEqual({ left: [], right: ['plugins.cni=bridge', 'seed=7'] });
  });

  it('a path that is set twice: the first is left, the second right, however it is written', () => {
    expect(sides(['plugins.cni=bridge', 'cluster.plugins.cni.use=flannel'])).toEqual({
      left: ['plugins.cni=bridge'],
      right: ['cluster.plugins.cni.use=flannel'],
    });
  });

  it('options of a plugin are paths of their own', () => {
    expect(sides(['plugins.cni=flannel', 'plugins.cni.with.vni=2']).right).toHaveLength(2);
  });

  it('--left and --right say it outright', () => {
    expect(sides([], { left: ['seed=1'], right: ['seed=2'] })).toEqual({ left: ['seed=1'], right: ['seed=2'] });
  });

  it.each([
    ['three values of one path', ['seed=1', 'seed=2', 'seed=3'], {}, /set 3 times/],
    ['two values of one side', ['seed=1'], { right: ['seed=2'] }, /set twice for the right run/],
    ['--seed beside a set seed', ['seed=1'], { seed: '4' }, /exclude each other/],
  ])('%s: refused', (_case, set, more, message) => expect(() => sides(set, more)).toThrow(message));
});
