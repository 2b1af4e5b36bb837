import { suggestion } from '@slipway/kube/schema';
import { type SwarmMember, swarm } from '../../fuzz/index.ts';
import { invariants as rows } from '../../invariants/index.ts';
import { UsageError } from '../usage-error.ts';

/** To what a search is narrowed. */
export interface Only {
  /** Which of the swarm may be drawn. Left out: all. */
  readonly members?: readonly SwarmMember[];
  /** Ids of the invariants that count. Left out: all, and whatever else is found. */
  readonly invariants?: readonly string[];
}

/** Reads `--only`: names of the swarm, `none` for a swarm of nothing, and ids of invariants, between commas. @throws UsageError */
export function readOnly(texts: readonly string[]): Only {
  const names = texts
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const members: SwarmMember[] = [];
  const invariants: string[] = [];
  let isNone = false;
  for (const name of names) {
    const member = swarm.find((one) => one.name === name);
    if (name === 'none') isNone = true;
    else if (member) members.push(member);
    // Ids of one's own invariants are known when their scenario has been read.
    else if (/^[A-Z][A-Z0-9]*-\d+$/.test(name)) invariants.push(name);
    else {
      const known = [...swarm.map((one) => one.name), 'none', ...rows.map(({ id }) => id)];
      const near = suggestion(name, known);
      throw new UsageError(
        `--only ${name}: nothing goes wrong by this name, and no invariant has it`,
        near === undefined
          ? `write one of ${swarm.map((one) => one.name).join(', ')}, none, or an id such as KUB-06`
          : `did you mean "${near}"?`,
      );
    }
  }
  return {
    ...(members.length > 0 || isNone ? { members } : {}),
    ...(invariants.length > 0 ? { invariants } : {}),
  };
}
