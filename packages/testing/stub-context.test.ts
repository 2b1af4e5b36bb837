import { bridge } from '@slipway/cni/mocks';
import { milliseconds } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { parseOptions, pluginContext } from './index.ts';

describe('plugin context', () => {
  it('time: sleeping takes virtual time only', async () => {
    const context = pluginContext();
    await context.settle(context.sleep(milliseconds(5)));
    expect(context.now()).toBe(5_000);
  });

  it('chance and ids: equal contexts give equal ones, in every order of making', () => {
    const [one, other] = [pluginContext(), pluginContext()];
    const draw = ({ random, ids }: typeof one) => [ids.next('vol'), ids.next('vol'), random.integer(0, 1e9), random.integer(0, 1e9)];
    expect(draw(other)).toEqual(draw(one));
    expect(draw(pluginContext({ kernel: { seed: 2 } }))).not.toEqual(draw(pluginContext()));
  });

  it('log: lines are kept, and are in the trace', () => {
    const context = pluginContext({ node: 'node-7' });
    const traced: unknown[] = [];
    context.kernel.events.on('trace', ({ kind, data }) => traced.push([kind, ...data]));
    context.log('hello');
    expect([context.logged, traced, context.node, context.host.name]).toEqual([['hello'], [['log', 'hello']], 'node-7', 'node-7']);
  });

  it('API: calls fail with a word of help, but for the methods that are given', async () => {
    const without = pluginContext();
    await expect(without.settle(without.api.nodes.get({ name: 'node-1' }))).rejects.toThrow(
      'give pluginContext an `api` with the method get',
    );
    const stored = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1', uid: 'u', resourceVersion: '1', creationTimestamp: '' } };
    const context = pluginContext({ api: { get: () => stored } });
    expect(await context.settle(context.api.nodes.get({ name: 'node-1' }))).toBe(stored);
    await expect(context.settle(context.api.nodes.list())).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  });

  it('machine: a plugin made anew on the same host finds its files', () => {
    const first = pluginContext();
    first.host.files.write('/mark', 'x');
    expect(pluginContext({ host: first.host }).host.files.readText('/mark')).toBe('x');
  });

  it('options: as the schema makes them, or every mistake by its path', () => {
    expect(parseOptions(bridge, {})).toMatchObject({ mtu: 1500 });
    expect(() => parseOptions(bridge, { mtu: 1 })).toThrow(/plugin "bridge" refuses its options: mtu: /);
    expect(parseOptions({ name: 'plain' }, undefined)).toEqual({});
  });
});
