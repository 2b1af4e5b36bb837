import type { CsiServices } from '@slipway/csi';
import { memoryPlugin } from '@slipway/csi/testing';
import { describe, expect, it } from 'vitest';
import { assertCsiHistories, csiSubject } from '../index.ts';

type Driver = NonNullable<Parameters<typeof memoryPlugin>[0]>;
type Node = ReturnType<Parameters<Driver>[0]['node']>;

describe('CSI histories', () => {
  const fixed = { seed: 1, numRuns: 100 };
  const nodeWith =
    (bug: (good: Node, host: Parameters<Parameters<Driver>[0]['node']>[0]) => Partial<Node>): Driver =>
    (good) => ({
      ...good,
      node(host) {
        const node = good.node(host);
        const methods = bug(node, host);
        return new Proxy(node, {
          get(target, name) {
            const member: unknown = Reflect.get(name in methods ? methods : target, name);
            return typeof member === 'function' ? member.bind(target) : member;
          },
        });
      },
    });
  const controllerWith =
    (bug: (good: NonNullable<CsiServices['controller']>) => Partial<CsiServices['controller']>): Driver =>
    (good) => {
      const methods = bug(good.controller) as object;
      const controller = new Proxy(good.controller, {
        get(target, name) {
          const member: unknown = Reflect.get(name in methods ? methods : target, name);
          return typeof member === 'function' ? member.bind(target) : member;
        },
      });
      return { ...good, controller };
    };

  const mistakes: Readonly<Record<string, readonly [breaks: Driver, truth: RegExp]>> = {
    'deleteVolume does nothing': [controllerWith(() => ({ deleteVolume: () => ({}) })), /is listed|is refused/],
    'controllerPublishVolume asks nobody': [
      controllerWith((good) => ({
        controllerPublishVolume: async (request) => {
          await (good.controllerUnpublishVolume?.({ volumeId: request.volumeId }) as Promise<unknown> | undefined);
          return (await (good.controllerPublishVolume?.(request) as Promise<unknown> | undefined)) as never;
        },
      })),
      /is refused to node|input\/output error/,
    ],
    'nodeStageVolume formats the disk whenever it is mounted anew': [
      nodeWith((good, host) => ({
        nodeStageVolume(request) {
          const disk = host.devices.get(request.publishContext?.['device'] ?? '');
          if (!host.mounts.at(request.stagingTargetPath))
            for (const name of disk?.list('/') ?? []) disk?.remove(`/${name}`, { recursive: true });
          return good.nodeStageVolume?.(request) as never;
        },
      })),
      /has .*, not nothing/,
    ],
    'nodeUnpublishVolume leaves the directory': [
      nodeWith((_, { mounts }) => ({
        nodeUnpublishVolume({ targetPath }) {
          if (mounts.at(targetPath)) mounts.unmount(targetPath);
          return {};
        },
      })),
      /target path of .* is gone/,
    ],
  };

  it.each(Object.keys(mistakes))('%s: is found', async (name) => {
    const [breaks, truth] = mistakes[name] as (typeof mistakes)[string];
    const run = assertCsiHistories(() => csiSubject(memoryPlugin(breaks)), fixed);
    await expect(run).rejects.toMatchObject({ cause: { message: expect.stringMatching(truth) } });
  });
});
