import { ActiveFault, type Client, type FaultKind, type Kernel, type Link, linkOf, type Micros, type Owner } from '@slipway/kernel';
import fc from 'fast-check';

/** What goes wrong at one call of a story. */
export type Trouble =
  | 'none'
  | 'refused'
  | 'error'
  | 'answer lost'
  | 'twice'
  | 'hangs'
  | 'slow'
  | 'error below'
  | 'answer lost below'
  | 'slow below'
  | 'crash'
  | 'dies';

const KINDS: Readonly<Record<Exclude<Trouble, 'none' | 'dies' | 'crash'>, FaultKind>> = {
  refused: { refuse: {} },
  error: { error: { code: 'UNAVAILABLE', message: 'injected by a story' } },
  'answer lost': { loseAnswer: true },
  twice: { duplicate: true },
  hangs: { hang: true },
  slow: { delay: '20ms' },
  'error below': { error: { code: 'UNAVAILABLE', message: 'injected by a story' } },
  'answer lost below': { loseAnswer: true },
  'slow below': { delay: '20ms' },
};

/** What a story needs of a subject: a way to the links, and to bring what is under test down. */
export interface Troubled {
  /** Any client over a link to what is under test. */
  readonly client: Client<never>;
  /** It ends where it stands and starts anew. Left out: it is never brought down. */
  readonly restart?: (() => void) | undefined;
  /** Whether a restart keeps what it held in memory, its locks included; then it is only brought down between calls. */
  readonly keepsMemory?: boolean;
}

export interface TroubleOptions {
  /** Troubles that do not befall this interface. Left out: none. */
  readonly without?: readonly Trouble[];
}

/** Mostly nothing; else one of what befalls the interface. */
export function arbitraryTrouble({ without = [] }: TroubleOptions = {}): fc.Arbitrary<Trouble> {
  const all: readonly Trouble[] = [...(Object.keys(KINDS) as (keyof typeof KINDS)[]), 'crash', 'crash', 'crash', 'dies', 'dies'];
  const usable = all.filter((trouble) => !without.includes(trouble));
  if (usable.length === 0) return fc.constant('none');
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 2, arbitrary: fc.constant<Trouble>('none') },
    { weight: 1, arbitrary: fc.constantFrom(...usable) },
  );
}

/** Brings trouble to the calls of one client's side, and knows how much of it has struck. */
export class Troubles {
  readonly kernel: Kernel;
  readonly caller: Owner;
  readonly #subject: Troubled;
  #struck = 0;
  #set: { readonly active: ActiveFault; readonly links: readonly Link[] }[] = [];

  constructor(subject: Troubled) {
    const link = linkOf(subject.client);
    if (!link) throw new TypeError('the subject has no link, so nothing can go wrong with it');
    this.kernel = link.kernel;
    this.caller = link.from;
    this.#subject = subject;
  }

  /** How often something went wrong so far. */
  get struck(): number {
    return this.#set.reduce((sum, { active }) => sum + active.struck, this.#struck);
  }

  /** From now on the next call meets it; what came before and struck nothing is taken back. */
  bring(trouble: Trouble): void {
    if (trouble === 'none') return;
    if (trouble === 'crash') {
      // Between two calls: nothing is under way, so nothing is lost but what was in memory.
      this.#bringDown();
      return;
    }
    if (trouble === 'dies') {
      if (this.#subject.keepsMemory ?? true) return;
      // A moment later, while it works.
      this.kernel.after(MOMENT, () => this.#bringDown());
      return;
    }
    const isBelow = trouble.endsWith('below');
    const links = [...this.kernel.links].filter(({ from }) => (from === this.caller) !== isBelow);
    const active = new ActiveFault({ kind: KINDS[trouble], times: 1 });
    for (const link of links) link.addFault(active);
    this.#set.push({ active, links });
  }

  /** Takes back what has not struck yet. */
  heal(): void {
    for (const { active, links } of this.#set) for (const link of links) link.removeFault(active);
    this.#struck = this.struck;
    this.#set = [];
  }

  #bringDown(): void {
    if (!this.#subject.restart) return;
    this.#struck += 1;
    this.#subject.restart();
  }
}

/** Shorter than most calls of a cloud, longer than none. */
const MOMENT: Micros = 5_000;
