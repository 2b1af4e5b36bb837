import type { Kind, KubeObject, Stored } from '@slipway/kube';
import type { ApiServer } from '../../apiserver/index.ts';
import type { Variables } from '../variables.ts';
import type { Compilation } from './compilation.ts';
import type { Judge, Verdict } from './judge.ts';
import { fewOf, nameOf, objectNamed, objectsOf, othersText, titleOf } from './objects.ts';
import { differences, type Difference, matcherOf, type Matcher, shown, weightOf } from './partial-match.ts';
import { compileWanted, type Fields, isAlwaysThere, metadataText } from './pattern.ts';
import { failed, held } from './verdict.ts';

// `object` and `absent`: whether such an object is there.

/** Objects that the pattern could mean: the one of its name, or all. */
function candidatesOf(server: ApiServer, kind: Kind, fields: Fields): readonly Stored<KubeObject>[] {
  const name = metadataText(fields, 'name');
  if (name === undefined) return objectsOf(server, kind);
  const found = objectNamed(server, kind, kind.namespaced ? (metadataText(fields, 'namespace') ?? 'default') : undefined, name);
  return found ? [found] : [];
}

/** A pattern with its variables put in. */
interface Asked {
  readonly fields: Fields;
  readonly fits: Matcher;
}

/** With variables in it a pattern has to be put together anew each time; without, once. `$$` stands for a dollar in either. */
function askedBy(fields: Fields): (variables: Variables) => Asked {
  if (JSON.stringify(fields).includes('$'))
    return (variables) => {
      const asked = variables.data(fields);
      return { fields: asked, fits: matcherOf(asked) };
    };
  const asked = { fields, fits: matcherOf(fields) };
  return () => asked;
}

export function compileObject(pattern: Fields, count: number | undefined, compilation: Compilation): Judge | undefined {
  const wanted = compileWanted('object', pattern, compilation);
  if (!wanted) return undefined;
  if (count === undefined && isAlwaysThere(wanted))
    compilation.problem(
      ['object'],
      `object: this could never fail: every cluster has such a ${wanted.kind.kind}`,
      'name a field that must have a certain value, or add "count"',
    );
  if (count !== undefined && count > 1 && metadataText(wanted.fields, 'name') !== undefined)
    compilation.problem(
      ['count'],
      `count: this could never hold: there is one ${wanted.kind.kind} of a name`,
      'leave metadata.name out, or count',
    );
  if (!compilation.sound) return undefined;
  const { kind } = wanted;
  const ask = askedBy(wanted.fields);
  return {
    sort: 'state',
    kinds: new Set([kind.plural]),
    judge: ({ cluster: { server }, variables }) => {
      const asked = ask(variables);
      const candidates = candidatesOf(server, kind, asked.fields);
      return count === undefined ? thereIs(kind, asked, candidates, server) : thereAre(count, kind, asked, candidates);
    },
  };
}

export function compileAbsent(pattern: Fields, compilation: Compilation): Judge | undefined {
  const wanted = compileWanted('absent', pattern, compilation);
  if (!wanted) return undefined;
  if (isAlwaysThere(wanted))
    compilation.problem(
      ['absent'],
      `absent: this could never hold: every cluster has such a ${wanted.kind.kind}`,
      'name the object, or a field that no object may have',
    );
  if (!compilation.sound) return undefined;
  const { kind } = wanted;
  const ask = askedBy(wanted.fields);
  return {
    sort: 'state',
    kinds: new Set([kind.plural]),
    judge: ({ cluster: { server }, variables }) => {
      const { fields, fits } = ask(variables);
      const found = candidatesOf(server, kind, fields).filter(fits);
      return found.length === 0 ? held : failed(() => presentText(kind, fields, found));
    },
  };
}

function presentText(kind: Kind, fields: Fields, found: readonly Stored<KubeObject>[]): string {
  const { metadata: _metadata, ...rest } = fields;
  const what = Object.keys(rest).length === 0 ? '' : ` with ${shown(rest)}`;
  return found.length === 1 && found[0]
    ? `${titleOf(found[0])} is there${what}`
    : `there are ${found.length} ${kind.plural}${what}: ${fewOf(found.map(nameOf))}`;
}

function thereIs(kind: Kind, { fields, fits }: Asked, candidates: readonly Stored<KubeObject>[], server: ApiServer): Verdict {
  for (const object of candidates) if (fits(object)) return held;
  // Taken now, for the message may be read when all is over.
  const others = candidates.length > 0 ? [] : objectsOf(server, kind);
  return failed(() => {
    if (candidates.length > 0) return nearestText(fields, candidates);
    const name = metadataText(fields, 'name');
    if (name === undefined) return `there is no ${kind.kind}`;
    const title = `${kind.kind} ${kind.namespaced ? `${metadataText(fields, 'namespace') ?? 'default'}/` : ''}${name}`;
    return `there is no ${title}; ${othersText(kind, others)}`;
  });
}

function thereAre(count: number, kind: Kind, { fields, fits }: Asked, candidates: readonly Stored<KubeObject>[]): Verdict {
  const found = candidates.filter(fits);
  if (found.length === count) return held;
  return failed(() => {
    const names = found.length === 0 ? '' : `: ${fewOf(found.map(nameOf))}`;
    const what = `${found.length} ${found.length === 1 ? kind.singular : kind.plural} match${found.length === 1 ? 'es' : ''}, not ${count}${names}`;
    const others = candidates.filter((object) => !found.includes(object));
    return found.length < count && others.length > 0 ? `${what}; nearest of the others: ${nearestText(fields, others)}` : what;
  });
}

/** The object that comes nearest, and the first field in which it differs. */
function nearestText(fields: Fields, candidates: readonly Stored<KubeObject>[]): string {
  let best: { readonly title: string; readonly found: readonly Difference[] } | undefined;
  for (const object of candidates) {
    const title = titleOf(object);
    const found = differences(fields, object);
    const closer = best ? weightOf(found) - weightOf(best.found) : -1;
    if (!best || closer < 0 || (closer === 0 && title < best.title)) best = { title, found };
  }
  return `${best?.title ?? ''}: ${best?.found[0]?.text ?? ''}`;
}
