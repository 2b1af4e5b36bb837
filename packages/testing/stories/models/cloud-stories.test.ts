import { AwsCloud, awsOptions } from '@slipway/cloud/mocks';
import { CloudWorld } from '@slipway/cloud/testing';
import type { CloudServices } from '@slipway/cloud';
import { describe, expect, it } from 'vitest';
import { assertStories, cloudSession, type CloudSession, cloudStories, type StoryConnect } from '../index.ts';

const connect =
  (spoil: (cloud: CloudServices) => CloudServices = (cloud) => cloud): StoryConnect<CloudSession> =>
  (kernel) => {
    const world = new CloudWorld({ kernel, cloud: (given) => spoil(new AwsCloud({ ...given, options: awsOptions.parse({}) })) });
    return { session: cloudSession(world), client: world.cloud as never, settle: (process) => world.settle(process) };
  };

const numRuns = Number(process.env['RUNS'] ?? 12);

describe('stories of a cloud', () => {
  it('orders in any order do what the model says', () => assertStories(cloudStories, connect(), { numRuns }));
  it('what was lost shows when it is asked for again', () =>
    assertStories(cloudStories, connect(), { numRuns, faults: true, without: ['twice'] }));
  it('orders at once do what some order of them would', () => assertStories(cloudStories, connect(), { numRuns, clients: 2 }));

  it('a cloud that forgets the token of an order is found', async () => {
    let orders = 0;
    const forgetful = connect((cloud) => {
      const { createVolume } = cloud;
      cloud.createVolume = (request) => createVolume.call(cloud, { ...request, clientToken: `${request.clientToken}-${(orders += 1)}` });
      return cloud;
    });
    await expect(assertStories(cloudStories, forgetful, { seed: 1, numRuns: 50 })).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/the order disk-\d made/) },
    });
  });
});
