import { apiSession, type ApiSession, apiStories, assertStories, followApi, type StoryConnect } from '@slipway/testing';
import { describe, expect, it } from 'vitest';
import type { ApiServer } from './index.ts';
import { testWorld } from './test-world.ts';

/** A server, a client that watches, and clients that write. @param spoil makes the server a little wrong */
const connect =
  (spoil: (server: ApiServer) => void = () => undefined): StoryConnect<ApiSession> =>
  async (kernel) => {
    const world = testWorld({ kernel, link: { latency: { '*': '1ms..3ms' } } });
    spoil(world.server);
    const session = apiSession(world.api.link);
    const watching = world.kernel.owner('watcher');
    await new Promise<void>((resolve) => {
      watching.spawn('watch', followApi(session, resolve));
      world.kernel.run({ until: 1_000_000 });
    });
    return { session, client: world.api.link as never, settle: (process) => world.kernel.completeAsync(world.owner, 'story', process) };
  };

const numRuns = Number(process.env['RUNS'] ?? 25);

describe('stories of the API server', () => {
  it('any order of requests does what the model says', () => assertStories(apiStories, connect(), { numRuns, maxCalls: 20 }));
  it('what was lost shows when it is looked at', () => assertStories(apiStories, connect(), { numRuns, faults: true, without: ['twice'] }));
  it('requests of several clients do what some order of them would', () => assertStories(apiStories, connect(), { numRuns, clients: 3 }));
  it('whatever goes wrong, some order explains it', () =>
    assertStories(apiStories, connect(), { numRuns, clients: 2, faults: true, without: ['twice'] }));

  const spoiled: Readonly<Record<string, readonly [spoil: (server: ApiServer) => void, truth: RegExp]>> = {
    'a stale update overwrites': [
      (server) => {
        const { update } = server;
        server.update = (request) => {
          const { resourceVersion: _, ...metadata } = request.object.metadata;
          return update.call(server, { ...request, object: { ...request.object, metadata } });
        };
      },
      /refused with Conflict/,
    ],
    'a finalizer is lost in an update': [
      (server) => {
        const { patch } = server;
        server.patch = (request) =>
          patch.call(server, { ...request, patch: { ...(request.patch as object), metadata: { finalizers: null } } });
      },
      /held by|is not refused|revision/,
    ],
    'a delete ignores whose uid it is': [
      (server) => {
        const good = server.delete;
        server.delete = ({ preconditions: _, ...request }) => good.call(server, request);
      },
      /that is another one/,
    ],
  };

  it.each(Object.keys(spoiled))('%s: is found', async (name) => {
    const [spoil, truth] = spoiled[name] as (typeof spoiled)[string];
    await expect(assertStories(apiStories, connect(spoil), { seed: 1, numRuns: 200, maxCalls: 20 })).rejects.toMatchObject({
      cause: { message: expect.stringMatching(truth) },
    });
  });
});
