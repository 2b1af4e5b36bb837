import type { WatchRequest } from '@slipway/client';
import { ActiveFault, type Kernel, type Link, parseDuration } from '@slipway/kernel';
import type { FaultDocument } from '../scenario/schema.ts';
import { Coalescing } from './coalesce.ts';
import { linkMatcher } from './link-matcher.ts';
import type { PastOfServer } from './stale-reads.ts';

/** What is wrong with the watches of some clients: they lag, are gathered, or are cut. */
export class WatchFault {
  readonly #kernel: Kernel;
  readonly #concerned: (link: Link) => boolean;
  readonly #links = new Set<Link>();
  readonly #lag: number;
  readonly #gathering: Coalescing | undefined;
  readonly #isCut: boolean;
  /** What meets those that come again after a cut: first nobody is there, then nobody knows what they missed. */
  readonly #after: ActiveFault[] = [];
  #cutStreams = 0;
  #cancel: (() => void) | undefined;

  constructor(
    kernel: Kernel,
    name: string,
    fault: Omit<FaultDocument, 'node'> & { readonly node?: string },
    server: (() => PastOfServer) | undefined,
  ) {
    this.#kernel = kernel;
    this.#concerned = linkMatcher(fault, { interface: 'api', method: 'watch' });
    this.#lag = fault.lag === undefined ? 0 : parseDuration(fault.lag);
    this.#gathering = fault.coalesce === undefined ? undefined : new Coalescing(parseDuration(fault.coalesce));
    this.#isCut = fault.cut !== undefined;
    if (typeof fault.cut === 'object') this.#keepAway(name, fault.cut, server);
  }

  get struck(): number {
    if (this.#gathering) return this.#gathering.skipped;
    return this.#isCut ? this.#cutStreams : this.#links.size;
  }

  /** @param made whether the link, or its caller, is new. */
  attach(link: Link, made: boolean): void {
    if (this.#links.has(link) || !this.#concerned(link)) return;
    this.#links.add(link);
    // Once, when it is set: connections that are made later are whole.
    if (this.#isCut && !made) this.#cutStreams += link.cutStreams();
    for (const active of this.#after) link.addFault(active);
    link.streamLag += this.#lag;
    if (this.#gathering) link.addGathering(this.#gathering);
  }

  detach(): void {
    this.#cancel?.();
    for (const active of this.#after) this.#end(active);
    for (const link of this.#links) {
      link.streamLag -= this.#lag;
      if (this.#gathering) link.removeGathering(this.#gathering);
    }
    this.#links.clear();
  }

  #keepAway(
    name: string,
    { away, relist }: { away?: string | undefined; relist?: boolean | undefined },
    server?: () => PastOfServer,
  ): void {
    const pause = away === undefined ? 0 : parseDuration(away);
    /** What was written up to here is forgotten: whoever goes on from before has to list anew. */
    let forgotten = relist === true ? (server?.().revision ?? 0) : 0;
    const tooOld = ({ resourceVersion }: WatchRequest): boolean =>
      Number(resourceVersion ?? '0') > 0 && Number(resourceVersion) < forgotten;
    if (relist === true)
      this.#after.push(
        new ActiveFault({ name, kind: { error: { code: 'Expired', message: 'too old resource version' } }, method: 'watch', when: tooOld }),
      );
    if (pause === 0) return;
    const absent = new ActiveFault({ name, kind: { refuse: {} }, method: 'watch' });
    this.#after.push(absent);
    this.#cancel = this.#kernel.after(pause, () => {
      forgotten = relist === true ? (server?.().revision ?? 0) : 0;
      this.#after.splice(this.#after.indexOf(absent), 1);
      this.#end(absent);
    });
  }

  #end(active: ActiveFault): void {
    for (const link of this.#links) link.removeFault(active);
  }
}
