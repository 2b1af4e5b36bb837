import type { Kind } from '@slipway/kube';
import type { Problem } from '../manifests/input-error.ts';
import type { Invariant } from '../invariants/index.ts';
import { mistakeInId } from '../invariants/own/own-invariants.ts';
import { titleOf } from '../invariants/titles.ts';
import { compileCel } from './expectations/cel/cel-claim.ts';
import { Compilation } from './expectations/compilation.ts';
import { objectsOf } from './expectations/objects.ts';
import type { PlaceOf } from './scenario.ts';
import type { OwnInvariantDocument } from './schema.ts';
import { Variables } from './variables.ts';

export interface OwnInvariantOptions {
  /** Built-in kinds, and those of definitions that the scenario brings. */
  readonly kinds: readonly Kind[];
  /** Where one of them stands: `[index, …path]`. */
  readonly placeOf: PlaceOf;
  /** What the modules export that are named by path: whoever can read files has loaded them. */
  readonly modules: ReadonlyMap<string, readonly Invariant[]>;
}

/** The invariants that a scenario has of its own. @param problems gets one for each mistake */
export function ownInvariants(
  documents: readonly OwnInvariantDocument[],
  { kinds, placeOf, modules }: OwnInvariantOptions,
  problems: Problem[],
): readonly Invariant[] {
  const found = new Map<string, Invariant>();
  for (const [index, document] of documents.entries()) {
    const rows =
      typeof document === 'string' ? modules.get(document) : celInvariants(document, kinds, (path) => placeOf([index, ...path]), problems);
    if (!rows)
      problems.push({
        place: placeOf([index]),
        message: `${String(document)} has not been loaded`,
        fix: 'run it with slipway, or give loadScenario the modules of the scenario',
      });
    for (const row of rows ?? []) {
      const mistake = mistakeInId(row.id, found.keys());
      if (mistake) problems.push({ place: placeOf(typeof document === 'string' ? [index] : [index, 'id']), ...mistake });
      found.set(row.id, row);
    }
  }
  return [...found.values()];
}

/** An expression that is judged anew whenever a kind that it names has changed. */
function celInvariants(
  { id, holds, cel }: Exclude<OwnInvariantDocument, string>,
  kinds: readonly Kind[],
  placeOf: PlaceOf,
  problems: Problem[],
): readonly Invariant[] {
  const judge = compileCel('cel', cel, new Compilation({ kinds, placeOf, variables: new Set() }, problems));
  if (!judge) return [];
  const invariant: Invariant = {
    id,
    name: id,
    kind: 'S',
    holds: holds ?? cel,
    watch: ({ kernel, server }, { violated, met }) => {
      const context = { cluster: { kernel, server }, variables: new Variables() };
      const namedIn = (message: string): readonly string[] =>
        kinds
          .filter(({ plural }) => judge.kinds.has(plural))
          .flatMap((kind) => objectsOf(server, kind).map(titleOf))
          .filter((title) => message.includes(title));
      // What has been told is not told again before it was right once more.
      let held = true;
      const look = (): void => {
        met();
        const verdict = judge.judge(context);
        if (held && !verdict.held) violated(`${holds ?? cel}: ${verdict.message}`, ...namedIn(verdict.message));
        held = verdict.held;
      };
      return { resources: [...judge.kinds], write: look, atRest: look };
    },
  };
  return [invariant];
}
