import { type Cell, type Change, type Implementation, Link, type LinkOptions, type Owner } from '@slipway/kernel';

/** A part of the cluster that can end by itself and be started anew: a daemon of the control plane, a kubelet, a plugin. */
export interface Part {
  /** `kube-scheduler`, `kubelet/node-1`, `csi/ebs`. */
  readonly name: string;
  /** Whoever it runs as now. */
  readonly owner: Owner;
  /** Who ends with it though no child of its owner: agents. */
  readonly beside?: readonly Owner[];
  /** Ends it where it stands, as a crash does. `keepState`: what it holds in memory will be there again, and locks are given back. */
  end(keepState?: boolean): void;
  /** Starts it as a new owner. `keepState`: what it held in memory is there; left out: as it is in life. */
  start(keepState?: boolean): void;
}

/** A part that finds everything it knows elsewhere, in the API say: nothing of it outlives its owner. */
export class Daemon implements Part {
  readonly name: string;
  readonly #newOwner: () => Owner;
  readonly #run: (owner: Owner) => void;
  #owner: Owner;

  /** Starts it. */
  constructor(name: string, newOwner: () => Owner, run: (owner: Owner) => void) {
    this.name = name;
    this.#newOwner = newOwner;
    this.#run = run;
    this.#owner = newOwner();
    run(this.#owner);
  }

  get owner(): Owner {
    return this.#owner;
  }

  end(): void {
    this.#owner.kill();
  }

  start(): void {
    this.#owner = this.#newOwner();
    this.#run(this.#owner);
  }
}

export interface PluginPartOptions<S> {
  readonly name: string;
  readonly newOwner: () => Owner;
  /** Makes the plugin's services; `part.owner` is whose they are. */
  readonly create: (part: PluginPart<S>) => S;
  /** Starts what stands beside the services: agents, side-cars. Called at each start. */
  readonly beside?: (part: PluginPart<S>) => void;
  /** Whether a restart finds what was in memory where nobody says otherwise. Left out: it does not. */
  readonly keepsState?: (services: S) => boolean;
}

type Served<S> = { readonly link: Link<never>; readonly of: (services: S) => object };

/** A plugin's services, with the links over which others reach them: after a restart the same links lead to what was made anew. */
export class PluginPart<S> implements Part {
  readonly name: string;
  readonly #options: PluginPartOptions<S>;
  readonly #served: Served<S>[] = [];
  #owner: Owner;
  #services: S;
  /** Its own ways to others, while it is away. */
  #calls: readonly Link[] = [];
  #beside: Owner[] = [];
  #lives = 1;

  /** Makes the services and starts what stands beside them. */
  constructor(options: PluginPartOptions<S>) {
    this.name = options.name;
    this.#options = options;
    this.#owner = options.newOwner();
    this.#services = options.create(this);
    options.beside?.(this);
  }

  get owner(): Owner {
    return this.#owner;
  }

  get services(): S {
    return this.#services;
  }

  get beside(): readonly Owner[] {
    return this.#beside;
  }

  /** One of its cells, whichever of its lives it is of. Whoever waits for it learns of a new life from the link: see `Link.disturbed`. */
  cell(of: (services: S) => Cell<number> | undefined): Change | undefined {
    if (!of(this.#services)) return undefined;
    const current = (): Cell<number> => of(this.#services) as Cell<number>;
    const waits = new Map<unknown, Cell<number>>();
    const lives = (): number => this.#lives;
    return {
      get version() {
        return lives() * 2 ** 32 + current().version;
      },
      subscribe(waiter) {
        waits.set(waiter, current());
        current().subscribe(waiter);
      },
      unsubscribe(waiter) {
        waits.get(waiter)?.unsubscribe(waiter);
        waits.delete(waiter);
      },
    };
  }

  /** A link to one of its services. */
  link<T>(of: (services: S) => object, options: Omit<LinkOptions<T>, 'to'>): Link<T> {
    const link = new Link<T>(of(this.#services) as Implementation<T>, { ...options, to: this.#owner });
    this.#served.push({ link: link as unknown as Link<never>, of });
    return link;
  }

  /** Somebody who ends with it though no child of its owner. */
  standBeside(owner: Owner): void {
    this.#beside.push(owner);
  }

  end(keepState = false): void {
    this.#calls = [...this.#owner.kernel.links].filter(({ from }) => from === this.#owner);
    // Memory that outlives its processes must not hold what only they could give back: their `finally` runs.
    if (keepState) this.#owner.stop();
    else this.#owner.kill();
    for (const owner of this.#beside) owner.kill();
    this.#beside = [];
  }

  start(keepState: boolean = this.#options.keepsState?.(this.#services) ?? false): void {
    this.#owner = this.#options.newOwner();
    this.#lives += 1;
    if (keepState) for (const link of this.#calls) link.callFrom(this.#owner);
    else this.#services = this.#options.create(this);
    this.#calls = [];
    for (const { link, of } of this.#served) link.serve(of(this.#services) as never, this.#owner);
    this.#options.beside?.(this);
  }
}
