/** Something that a module of one's own took from the world outside: another run may get something else. */
export interface Leak {
  /** Which row it breaks: `SIM-02` for clocks and timers, `SIM-01` for anything else that two runs need not have in common. */
  readonly invariant: 'SIM-01' | 'SIM-02';
  /** Where, what, and what to write instead. */
  readonly message: string;
}

/** Knows of leaks. Whoever guards the host of a process is one; in a browser nobody is. */
export interface LeakSource {
  /** From now on leaks are told here and nowhere else, each place once; those of loading at once. */
  listen(onLeak: (leak: Leak) => void): void;
}
