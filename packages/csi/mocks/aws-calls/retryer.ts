import { codeOf, type Micros, Mutex, now, type Process, seconds, sleep } from '@slipway/kernel';
import { AdaptiveRate } from './adaptive-rate.ts';

/** Source: aws-ebs-csi-driver pkg/cloud/retry_manager.go, retryMaxAttempt. */
const ATTEMPTS = 50;

/**
 * Pauses after each failure. The SDK draws from 0 to 2^n seconds; these are the middles. Source: aws-sdk-go-v2 aws/retry/jitter_backoff.go,
 * middleware.go (which counts from 1), standard.go (DefaultMaxBackoff, 20 s).
 */
const PAUSES: readonly Micros[] = [1, 2, 4, 8].map((each) => seconds(each));
const LONGEST_PAUSE = seconds(20);

/**
 * Has a call made again while the cloud says that there were too many, as Amazon's SDK does for its callers. The SDK also repeats what
 * failed in the cloud or on the way; here such a failure is the driver's answer, so that it is seen who repeats what.
 */
export class Retryer {
  readonly #rate: AdaptiveRate | undefined;
  readonly #turn = new Mutex('turn');

  /** `adaptive`: after a refusal, calls wait for their turn and are sent as fast as the cloud takes them. Drivers do so for calls that change something. */
  constructor(mode: 'standard' | 'adaptive') {
    this.#rate = mode === 'adaptive' ? new AdaptiveRate() : undefined;
  }

  /** @throws what the call throws; RequestLimitExceeded after 50 attempts */
  *call<T>(ask: () => Process<T>): Process<T> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#rate) yield* this.#turn.hold(this.#token(this.#rate));
      try {
        const answer = yield* ask();
        this.#rate?.heard(yield* now(), false);
        return answer;
      } catch (error) {
        const refused = codeOf(error) === 'RequestLimitExceeded';
        this.#rate?.heard(yield* now(), refused);
        if (!refused || attempt === ATTEMPTS) throw error;
      }
      yield* sleep(PAUSES[attempt - 1] ?? LONGEST_PAUSE);
    }
  }

  *#token(rate: AdaptiveRate): Process {
    for (;;) {
      const wait = rate.take(yield* now());
      if (wait === 0) return;
      yield* sleep(wait);
    }
  }
}
