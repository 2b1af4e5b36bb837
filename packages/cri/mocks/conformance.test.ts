import { describe, expect, it } from 'vitest';
import { criCases } from '../conformance.ts';
import { TestNode } from '../testing/node.ts';
import { containerd, crio } from './index.ts';

const withoutMetrics = 'the runtime has no metrics';

describe.each([containerd, crio])('$name', (plugin) => {
  it.each(criCases.map((each) => [each.title, each] as const))('%s', async (_title, each) => {
    const outcome = await each.run(() => new TestNode(plugin));
    if (plugin === containerd && each.id === 'cri.metrics.described') expect(outcome).toEqual({ skipped: withoutMetrics });
    else expect(outcome).toBeUndefined();
  });
});
