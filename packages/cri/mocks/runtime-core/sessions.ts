import type { Micros, Random } from '@slipway/kernel';
import { minutes } from '@slipway/kernel';
import { CriError } from '../../errors.ts';
import type { AttachRequest, ExecRequest, PortForwardRequest } from '../../messages/index.ts';

/** A streaming session that was prepared and waits for its client. */
export type Session =
  | { readonly kind: 'exec'; readonly request: ExecRequest }
  | { readonly kind: 'attach'; readonly request: AttachRequest }
  | { readonly kind: 'portforward'; readonly request: PortForwardRequest };

const TOKEN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Source: kubernetes, staging/src/k8s.io/kubelet/pkg/cri/streaming/request_cache.go: one use, one minute, at most a thousand. */
const LIFETIME = minutes(1);
const LIMIT = 1000;

/** One-time URLs. A client that comes with a token gets the session; nobody gets it twice. */
export class Sessions {
  readonly #random: Random;
  readonly #now: () => Micros;
  readonly #waiting = new Map<string, { readonly session: Session; readonly until: Micros }>();

  constructor(random: Random, now: () => Micros) {
    this.#random = random;
    this.#now = now;
  }

  /** @throws CriError RESOURCE_EXHAUSTED when a thousand sessions wait */
  open(session: Session): string {
    this.#forgetOld();
    if (this.#waiting.size >= LIMIT) throw new CriError('RESOURCE_EXHAUSTED', 'maximum number of in-flight requests exceeded');
    // Eight random bytes in base64url, without padding.
    const token = this.#random.text(8, TOKEN);
    this.#waiting.set(token, { session, until: this.#now() + LIFETIME });
    return `http://127.0.0.1:10010/${session.kind}/${token}`;
  }

  /** The session of a URL that `open` gave; undefined when it was taken, or is too old. */
  take(url: string): Session | undefined {
    this.#forgetOld();
    const token = url.slice(url.lastIndexOf('/') + 1);
    const waiting = this.#waiting.get(token);
    this.#waiting.delete(token);
    return waiting?.session;
  }

  /** Sessions are kept in the order of their making, so old ones come first. */
  #forgetOld(): void {
    for (const [token, { until }] of this.#waiting) {
      if (until > this.#now()) return;
      this.#waiting.delete(token);
    }
  }
}
