import type { Leak } from '../../wiring/leaks.ts';

/** What modules take from the host, and what to write instead. */
export interface LeakKind {
  readonly invariant: Leak['invariant'];
  /** Follows the place: `reads the host's clock`. */
  readonly does: string;
  readonly instead: string;
}

const kind = (invariant: Leak['invariant'], does: string, instead: string): LeakKind => ({ invariant, does, instead });

export const CLOCK = kind('SIM-02', "reads the host's clock", 'use context.now()');
export const DATE = kind('SIM-02', "reads the host's clock", 'use context.now(), or new Date(MILLISECONDS)');
export const TIMER = kind('SIM-02', "sets a timer of the host's clock", 'use context.sleep()');
export const USAGE = kind('SIM-02', 'reads how long and how much the process has worked', 'use context.now() and context.host');
export const CHANCE = kind('SIM-01', "draws from the host's randomness", 'use context.random');
export const NAMES = kind('SIM-01', "draws from the host's randomness", "use context.ids.next('…'), or context.random");
export const ENVIRONMENT = kind('SIM-01', 'reads the environment of the process', 'declare an option, and read context.options');
export const PROCESS = kind('SIM-01', 'asks who runs it', 'use context.node, context.host and context.options');
export const MACHINE = kind('SIM-01', 'asks the real machine', 'use context.node and context.host');
export const FILES = kind('SIM-01', "uses the real machine's files", 'use context.host, or declare an option');
export const NETWORK = kind('SIM-01', 'uses the real network', 'use context.api and context.host');
export const PROGRAMS = kind('SIM-01', 'starts a program or a thread on the real machine', 'use context.host');
export const GARBAGE = kind('SIM-01', 'depends on when garbage is collected', 'hold the object, and forget it by yourself');
export const LANGUAGE = kind('SIM-01', "depends on the host's language", 'compare with <, or name a locale');
export const ZONE = kind('SIM-01', "depends on the host's time zone", 'use the UTC methods, and times that end in Z');
