import { Kernel, minutes, seconds } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { Sessions } from './sessions.ts';

const session = { kind: 'attach', request: { containerId: 'c', stdout: true } } as const;

describe('sessions', () => {
  it('a URL is good once', () => {
    const sessions = new Sessions(new Kernel().random('tokens'), () => 0);
    const url = sessions.open(session);
    expect(sessions.take(url)).toBe(session);
    expect(sessions.take(url)).toBeUndefined();
  });

  it('a URL is good for a minute', () => {
    let now = 0;
    const sessions = new Sessions(new Kernel().random('tokens'), () => now);
    const [early, late] = [sessions.open(session), sessions.open(session)];
    now = minutes(1) - seconds(1);
    expect(sessions.take(early)).toBe(session);
    now = minutes(1);
    expect(sessions.take(late)).toBeUndefined();
  });

  it('at most a thousand wait', () => {
    const sessions = new Sessions(new Kernel().random('tokens'), () => 0);
    const urls = Array.from({ length: 1000 }, () => sessions.open(session));
    expect(new Set(urls).size).toBe(1000);
    expect(() => sessions.open(session)).toThrow('maximum number of in-flight requests exceeded');
    sessions.take(urls[500] ?? '');
    expect(() => sessions.open(session)).not.toThrow();
  });
});
