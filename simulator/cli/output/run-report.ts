import type { InputWarning } from '../../manifests/load-manifests.ts';
import type { World } from '../../wiring/world.ts';

/** What `slipway run --json` prints, one line for each scenario: documented in the README, relied upon by others. Times are virtual microseconds. */
export interface RunReport {
  readonly scenario: string;
  readonly file: string;
  readonly seed: number | string;
  readonly passed: boolean;
  readonly fingerprint: string;
  readonly virtualSeconds: number;
  readonly wallMs: number;
  /** Events that the kernel handled. */
  readonly events: number;
  /** Calls by interface, heartbeats included. */
  readonly calls: Readonly<Record<string, number>>;
  readonly expectations: readonly {
    readonly text: string;
    /** Null: the run ended before. */
    readonly held: boolean | null;
    readonly at: number | null;
    readonly message: string;
    readonly because: string;
    readonly place: string;
  }[];
  /** Steps that did not do what they should. */
  readonly failures: readonly { readonly text: string; readonly at: number; readonly message: string; readonly place: string }[];
  /** Steps that the run did not get to. */
  readonly unreached: number;
  readonly violations: readonly { readonly id: string; readonly at: number; readonly message: string }[];
  readonly breaches: readonly Breach[];
  readonly warnings: readonly InputWarning[];
}

/** A call in which a plugin broke its spec, or a crash outside of any. */
export interface Breach {
  readonly plugin: string;
  readonly call: string;
  readonly rule: string;
  readonly message: string;
  readonly at: number;
}

export function breachesOf(world: World): readonly Breach[] {
  return [
    ...world.breaches
      .filter(({ side }) => side === 'plugin')
      .map(({ culprit, call, rule, message, at }) => ({ plugin: culprit, call, rule, message, at })),
    ...world.crashes.map(({ plugin, node, message, at }) => ({
      plugin: `${plugin}/${node}`,
      call: 'outside of a call',
      rule: 'crash',
      message,
      at,
    })),
  ];
}
