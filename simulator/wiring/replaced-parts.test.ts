import { type ControllerDefinition, defineController } from '@slipway/client';
import { seconds } from '@slipway/kernel';
import type { Deployment, Pod } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';
import { describe, expect, it } from 'vitest';
import { type ControlPlaneChoices, worldFactory } from './container.ts';

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
  },
};

const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'nginx' }] },
});

/** A controller that writes down what it is asked. */
function noting(name: string, keys: string[]): ControllerDefinition {
  return defineController({
    name,
    watches: ['deployments'],
    *reconcile(key) {
      keys.push(`${name}: ${key}`);
    },
  });
}

function cluster(controlPlane: ControlPlaneChoices, nodes: readonly string[] = []) {
  const world = worldFactory({ controlPlane })({ nodes: nodes.map((name) => ({ name })) });
  const run = (): void => void world.kernel.run({ until: world.kernel.now + seconds(10) });
  const settle = <T>(process: Parameters<typeof world.kernel.complete<T>>[2]): T => world.kernel.complete(world.user, 'test', process);
  // The namespace's service account comes first of all.
  run();
  return { ...world, server: world.server, api: world.api, run, settle };
}

const plugin = (create: () => unknown) =>
  definePlugin({ interface: 'controller', name: 'mine', create: create as () => ControllerDefinition });

describe('parts of the control plane', () => {
  it('a controller with the name of a built-in one takes its place', () => {
    const keys: string[] = [];
    const { server, api, run, settle } = cluster({
      controllers: { 'deployment-controller': { use: plugin(() => noting('deployment-controller', keys)) } },
    });
    settle(api.deployments.create(deployment));
    run();
    expect(keys).toEqual(['deployment-controller: default/web']);
    expect([...server.objects('replicasets')]).toEqual([]);
  });

  it('a controller with a name of its own is added, and the others go on', () => {
    const keys: string[] = [];
    const { server, api, run, settle } = cluster({ controllers: { mine: { use: plugin(() => noting('mine', keys)) } } });
    settle(api.deployments.create(deployment));
    run();
    expect(keys).toContain('mine: default/web');
    expect([...server.objects('replicasets')]).toHaveLength(1);
  });

  it('what a controller brings is installed', () => {
    const brings = definePlugin({
      interface: 'controller',
      name: 'mine',
      manifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'brought', namespace: 'default' } }],
      create: () => noting('mine', []),
    });
    const { server, run } = cluster({ controllers: { mine: { use: brings } } });
    run();
    expect(server.peek('configmaps', 'default', 'brought')).toBeDefined();
  });

  it('a scheduler plugin has its say beside the built-in ones', () => {
    const scheduler = definePlugin({
      interface: 'scheduler',
      name: 'mine',
      create: () => ({
        plugins: [{ name: 'NotHere', filter: () => ({ code: 'Unschedulable' as const, reasons: ['node(s) had no say'] }) }],
      }),
    });
    const { server, api, run, settle } = cluster({ scheduler: { use: scheduler } }, ['node-1']);
    settle(api.pods.create(pod('web')));
    run();
    const [condition] = (server.peek('pods', 'default', 'web') as Pod | undefined)?.status?.conditions ?? [];
    expect(condition?.message).toContain('1 node(s) had no say');
  });

  it.each([
    ['returned no controller', plugin(() => ({})), 'create returned no controller'],
    [
      'failed in create',
      plugin(() => {
        throw new Error('oh');
      }),
      'failed in create: oh',
    ],
    ['took a name', plugin(() => noting('job-controller', [])), 'one of that name runs already'],
  ])('a plugin that %s is refused', (_what, use, message) => {
    expect(() => cluster({ controllers: { mine: { use } } })).toThrow(message);
  });

  it('a scheduler plugin that changes nothing is refused', () => {
    const use = definePlugin({ interface: 'scheduler', name: 'mine', create: () => ({}) });
    expect(() => cluster({ scheduler: { use } })).toThrow('neither a profile nor plugins');
  });

  it('kubelet: decides otherwise on every node, and is given the built-in decision', () => {
    const asked: string[] = [];
    const use = definePlugin({
      interface: 'kubelet',
      name: 'mine',
      create: ({ node = '' }) => ({
        admissionProblems(input, original) {
          asked.push(`${node}: ${original(input).length}`);
          return [{ reason: 'NotToday', message: 'this node takes nobody' }];
        },
      }),
    });
    const { server, api, run, settle } = cluster({ kubelet: { use } }, ['node-1', 'node-2']);
    settle(api.pods.create(pod('web')));
    run();
    expect((server.peek('pods', 'default', 'web') as Pod | undefined)?.status).toMatchObject({ phase: 'Failed', reason: 'NotToday' });
    expect(asked).toEqual([expect.stringMatching(/^node-[12]: 0$/)]);
  });

  it.each([
    ['nothing', {}, 'create returned no decision of a kubelet'],
    ['a decision that there is not', { computeActions: () => [] }, 'a kubelet has no decision "computeActions"'],
    ['no function', { podPhase: 'Running' }, 'podPhase is no function'],
  ])('a kubelet plugin that returns %s is refused', (_what, parts, message) => {
    const use = definePlugin({ interface: 'kubelet', name: 'mine', create: () => parts as object });
    expect(() => cluster({ kubelet: { use } }, ['node-1'])).toThrow(message);
  });

  it('a name alone is no plugin: none is built in', () => {
    expect(() => cluster({ controllers: { mine: { use: 'mine' } } })).toThrow('there is no controller plugin "mine"');
  });
});
