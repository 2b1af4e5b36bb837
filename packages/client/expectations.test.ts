import { Kernel, minutes, seconds, sleep } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { ControllerExpectations } from './expectations.ts';

describe('expectations', () => {
  it('hold until as much has been seen as was asked for', () => {
    const expectations = new ControllerExpectations(new Kernel());
    expect(expectations.satisfied('a')).toBe(true);
    expectations.expectCreations('a', 2);
    expectations.creationObserved('a');
    expect(expectations.satisfied('a')).toBe(false);
    expect(expectations.satisfied('b')).toBe(true);
    expectations.creationObserved('a');
    expect(expectations.satisfied('a')).toBe(true);
  });

  it('count each deletion once when they know the uids', () => {
    const expectations = new ControllerExpectations(new Kernel());
    expectations.expectDeletionsOf('a', ['u', 'v']);
    expectations.deletionObserved('a', 'u');
    expectations.deletionObserved('a', 'u');
    expectations.deletionObserved('a', 'stranger');
    expect(expectations.satisfied('a')).toBe(false);
    expectations.deletionObserved('a', 'v');
    expect(expectations.satisfied('a')).toBe(true);
  });

  it('are given up after five minutes', () => {
    const kernel = new Kernel();
    const expectations = new ControllerExpectations(kernel);
    expectations.expectDeletions('a', 1);
    kernel.complete(kernel.owner('test'), 'wait', sleep(minutes(5)));
    expect(expectations.satisfied('a')).toBe(false);
    kernel.complete(kernel.owner('test'), 'wait', sleep(seconds(1)));
    expect(expectations.satisfied('a')).toBe(true);
  });
});
