import type { Cni } from './contract.ts';

/** The six verbs: how each is called in life, and since when. Spec: "CNI operations". */
export interface Verb {
  /** `CNI_COMMAND`. */
  readonly command: 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS' | 'VERSION';
  /** First version of the protocol that has it. */
  readonly since: string;
  /** Environment variables that the spec requires. */
  readonly requires: readonly string[];
  /** Which way a list of plugins is walked. */
  readonly order: 'forward' | 'reverse' | 'alone';
}

/** By the contract's method names. */
export const verbs: { readonly [M in keyof Cni]-?: Verb } = {
  add: { command: 'ADD', since: '0.1.0', requires: ['CNI_COMMAND', 'CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'], order: 'forward' },
  del: { command: 'DEL', since: '0.1.0', requires: ['CNI_COMMAND', 'CNI_CONTAINERID', 'CNI_IFNAME'], order: 'reverse' },
  check: { command: 'CHECK', since: '0.4.0', requires: ['CNI_COMMAND', 'CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME'], order: 'forward' },
  gc: { command: 'GC', since: '1.1.0', requires: ['CNI_COMMAND', 'CNI_PATH'], order: 'forward' },
  status: { command: 'STATUS', since: '1.1.0', requires: ['CNI_COMMAND'], order: 'forward' },
  version: { command: 'VERSION', since: '0.2.0', requires: ['CNI_COMMAND'], order: 'alone' },
};

/** Versions of the protocol that Slipway speaks; the two before these have another result format. Spec: "Version considerations". */
export const SUPPORTED_VERSIONS: readonly string[] = ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'];

/** The newest of them. */
export const CURRENT_VERSION = '1.1.0';

/** Whether version `one` is at least `other`; both are three numbers with dots. */
export function isAtLeast(one: string, other: string): boolean {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  for (let at = 0; at < 3; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbersOf(version: string): readonly number[] {
  return version.split('.').map(Number);
}
