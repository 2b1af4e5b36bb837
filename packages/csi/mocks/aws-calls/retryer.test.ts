import { CallError, codeOf, Kernel, milliseconds, type Process, seconds, sleep } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { Retryer } from './retryer.ts';

/** A cloud that takes so many calls at once and then so many a second; a call takes 100 ms. */
class Bucket {
  sent = 0;
  granted = 0;
  readonly #kernel: Kernel;
  readonly #burst: number;
  readonly #perSecond: number;

  constructor(kernel: Kernel, burst: number, perSecond: number) {
    this.#kernel = kernel;
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  *call(): Process<number> {
    this.sent += 1;
    yield* sleep(milliseconds(100));
    const allowed = this.#burst + Math.floor((this.#kernel.now / 1_000_000) * this.#perSecond);
    if (this.granted >= allowed) throw new CallError('RequestLimitExceeded', 'Request limit exceeded.');
    this.granted += 1;
    return this.granted;
  }
}

const world = (burst: number, perSecond: number) => {
  const kernel = new Kernel();
  return { kernel, owner: kernel.owner('driver'), bucket: new Bucket(kernel, burst, perSecond) };
};

describe('retryer', () => {
  test('standard: pauses of 1, 2, 4 and 8 s, then of 20 s; what the cloud grants is the answer', () => {
    const { kernel, owner, bucket } = world(0, 1 / 40);
    const answer = kernel.complete(
      owner,
      'call',
      new Retryer('standard').call(() => bucket.call()),
    );
    // Sent at 0, 1.1, 3.2, 7.3, 15.4, 35.5 and 55.6 s; the first token is there at 40 s.
    expect([answer, bucket.sent, kernel.now]).toEqual([1, 7, milliseconds(55_700)]);
  });

  test('other errors are the answer at once; one that never ends is, after 50 attempts', () => {
    const { kernel, owner } = world(0, 0);
    const retryer = new Retryer('standard');
    let asked = 0;
    const ask = (code: string): Process<string> =>
      (function* (): Process<string> {
        try {
          return yield* retryer.call(function* (): Process<string> {
            asked += 1;
            throw new CallError(code, 'no');
          });
        } catch (error) {
          return codeOf(error);
        }
      })();
    expect([kernel.complete(owner, 'call', ask('VolumeInUse')), asked]).toEqual(['VolumeInUse', 1]);
    expect([kernel.complete(owner, 'call', ask('RequestLimitExceeded')), asked]).toEqual(['RequestLimitExceeded', 51]);
  });

  test('adaptive: 400 calls at once are done about as fast as the cloud takes them, with few sent in vain', () => {
    const { kernel, owner, bucket } = world(100, 5);
    const retryer = new Retryer('adaptive');
    let done = 0;
    const one = function* (): Process {
      yield* retryer.call(() => bucket.call());
      done += 1;
    };
    for (let at = 0; at < 400; at += 1) owner.spawn(`call ${at}`, one());
    kernel.run({ until: seconds(90) });
    // 300 calls beyond the burst take the cloud 60 s.
    expect(done).toBe(400);
    expect(bucket.sent).toBeLessThan(2 * 400);
  });

  test('adaptive: before the first refusal nothing is held back', () => {
    const { kernel, owner, bucket } = world(1_000, 1);
    const retryer = new Retryer('adaptive');
    for (let at = 0; at < 1_000; at += 1)
      owner.spawn(
        `call ${at}`,
        (function* (): Process {
          yield* retryer.call(() => bucket.call());
        })(),
      );
    kernel.run({ until: milliseconds(100) });
    expect(bucket.granted).toBe(1_000);
  });
});
