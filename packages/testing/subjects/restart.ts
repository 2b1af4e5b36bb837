import { type Client, type Implementation, type Link, linkOf, type Owner } from '@slipway/kernel';

/** What callers reach over links, and what can be brought down and up again behind them. */
export class Standing {
  readonly #rise: () => Owner;
  #owner: Owner;
  readonly #links: { readonly link: Link; implementation: Implementation<unknown> }[] = [];

  /** @param rise an owner for each of its lives */
  constructor(rise: () => Owner) {
    this.#rise = rise;
    this.#owner = rise();
  }

  /** Of the present life. */
  get owner(): Owner {
    return this.#owner;
  }

  /** Remembers who answers behind the client. */
  keep<S>(client: Client<S>, implementation: Implementation<S>): Client<S> {
    const link = linkOf(client);
    if (link) this.#links.push({ link: link as Link, implementation: implementation as Implementation<unknown> });
    return client;
  }

  /**
   * Ends it where it stands, and starts it anew at once.
   *
   * @param remake what answers from now on, in the order of `keep`. Left out: the same as before, with what it holds in memory
   */
  restart(remake?: () => readonly Implementation<never>[]): void {
    const old = this.#owner;
    // Looked for first: links of callers that are dead are forgotten.
    const own = [...old.kernel.links].filter(({ from }) => from === old);
    old.kill();
    this.#owner = this.#rise();
    const made = remake?.();
    for (const [index, kept] of this.#links.entries()) {
      if (made?.[index]) kept.implementation = made[index] as Implementation<unknown>;
      kept.link.serve(kept.implementation, this.#owner);
    }
    // Its own calls go on over the links that it has.
    if (!made) for (const link of own) link.callFrom(this.#owner);
  }
}

/** How a plugin comes up again after a crash: made anew, with nothing but what is on disk and in the cloud, or as it was. */
export type Restarts = 'fresh' | 'kept';
