import { matchesHttp, validate } from '@slipway/smi';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arbitraryHttpAttributes,
  arbitraryHttpRouteGroup,
  arbitraryTcpRoute,
  arbitraryTrafficSplit,
  arbitraryTrafficTarget,
} from './smi.ts';

describe('objects of SMI', () => {
  it.each(
    Object.entries({
      TrafficSplit: arbitraryTrafficSplit({ groups: ['a', 'b'] }),
      TrafficTarget: arbitraryTrafficTarget(),
      HTTPRouteGroup: arbitraryHttpRouteGroup(),
      TCPRoute: arbitraryTcpRoute(),
    }),
  )('%s: there is nothing wrong with it', (kind, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (object) => {
        expect(object.kind).toBe(kind);
        expect(validate(object)).toEqual([]);
      }),
    );
  });

  it('requests fit groups often, and often do not', () => {
    const requests = fc.sample(fc.tuple(arbitraryHttpRouteGroup(), arbitraryHttpAttributes()), { numRuns: 400, seed: 1 });
    const fitting = requests.filter(([group, http]) => matchesHttp(http, group)).length;
    expect(fitting).toBeGreaterThan(60);
    expect(fitting).toBeLessThan(340);
  });
});
