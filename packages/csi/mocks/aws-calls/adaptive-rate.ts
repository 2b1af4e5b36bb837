import { kernelMath, type Micros } from '@slipway/kernel';

// Names and values are those of the AWS SDKs' "adaptive" retry mode. Source: aws-sdk-go-v2 aws/retry/adaptive_ratelimit.go, adaptive_token_bucket.go.
const SMOOTH = 0.8;
const BETA = 0.7;
const SCALE = 0.4;
const LEAST_FILL_RATE = 0.5;
const LEAST_CAPACITY = 1;

const SECOND = 1_000_000;

/**
 * How many calls a second a client lets itself send. Nothing is held back until the cloud refuses a call for the first time; from then on
 * a token is needed for each, and tokens come at a rate that falls with each refusal and grows with each success, slowly where it was refused last.
 */
export class AdaptiveRate {
  #limits = false;
  #fillRate = 0;
  #capacity = LEAST_CAPACITY;
  #tokens = 0;
  #filledAt: Micros | undefined;
  #measured = 0;
  #measuredUntil: number | undefined;
  #heard = 0;
  #lastMost = 0;
  #refusedAt: Micros = 0;

  /** Takes a token, or tells how long it is until there is one. */
  take(now: Micros): Micros {
    if (!this.#limits) return 0;
    this.#fill(now);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) / this.#fillRate) * SECOND));
  }

  /** Learns from an answer. */
  heard(now: Micros, refused: boolean): void {
    this.#measure(now);
    let rate: number;
    if (refused) {
      this.#lastMost = this.#limits ? Math.min(this.#measured, this.#fillRate) : this.#measured;
      this.#refusedAt = now;
      this.#limits = true;
      rate = this.#lastMost * BETA;
    } else {
      const window = this.#lastMost === 0 ? 0 : kernelMath.pow((this.#lastMost * (1 - BETA)) / SCALE, 1 / 3);
      const since = (now - this.#refusedAt) / SECOND - window;
      rate = SCALE * since * since * since + this.#lastMost;
    }
    this.#fill(now);
    const wanted = Math.min(rate, 2 * this.#measured);
    this.#fillRate = Math.max(wanted, LEAST_FILL_RATE);
    this.#capacity = Math.max(wanted, LEAST_CAPACITY);
    this.#tokens = Math.min(this.#tokens, this.#capacity);
  }

  #fill(now: Micros): void {
    const since = now - (this.#filledAt ?? now);
    this.#filledAt = now;
    this.#tokens = Math.min(this.#capacity, this.#tokens + (since / SECOND) * this.#fillRate);
  }

  /** Answers a second, smoothed, in steps of half a second. */
  #measure(now: Micros): void {
    const halves = Math.floor((now * 2) / SECOND) / 2;
    this.#measuredUntil ??= Math.floor(now / SECOND);
    this.#heard += 1;
    if (halves <= this.#measuredUntil) return;
    this.#measured = (this.#heard / (halves - this.#measuredUntil)) * SMOOTH + this.#measured * (1 - SMOOTH);
    this.#heard = 0;
    this.#measuredUntil = halves;
  }
}
