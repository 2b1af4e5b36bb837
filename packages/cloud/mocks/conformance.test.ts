import { describe, expect, it } from 'vitest';
import { cloudCases } from '../conformance.ts';
import { CloudWorld } from '../testing/index.ts';
import { AwsCloud, awsOptions } from './index.ts';

describe('aws', () => {
  it.each(cloudCases.map((each) => [each.title, each] as const))('%s', async (_title, { run }) => {
    const connect = () => new CloudWorld({ cloud: (surroundings) => new AwsCloud({ ...surroundings, options: awsOptions.parse({}) }) });
    expect(await run(connect)).toBeUndefined();
  });
});
