import type { TraceRecord } from '@slipway/kernel';

/** Names that differ between runs because another plugin does the same work: `flannel` and `bridge`. */
export type ActorRoles = (left: string) => string;

/**
 * Learns from who answers calls: a service that one plugin answers on the left and another on the right has the same role in both. What it
 * gives turns a name of an actor of the left run into that of the right one; actors that stand in both keep their name.
 */
export function actorRoles(left: readonly TraceRecord[], right: readonly TraceRecord[]): ActorRoles {
  const leftWords = answerers(left);
  const rightWords = answerers(right);
  const inLeft = wordsOf(left);
  const inRight = wordsOf(right);
  const wordOf = new Map<string, string>();
  for (const [service, words] of leftWords) {
    const others = rightWords.get(service);
    if (!others) continue;
    const [gone, ...moreGone] = [...words].filter((word) => !inRight.has(word));
    const [come, ...moreCome] = [...others].filter((word) => !inLeft.has(word));
    // Several at once could be paired in several ways: then nobody is renamed.
    if (gone === undefined || come === undefined || moreGone.length > 0 || moreCome.length > 0) continue;
    if (!wordOf.has(gone)) wordOf.set(gone, come);
  }
  const rightActors = new Set(right.map(({ actor }) => actor));
  const names = new Map<string, string>();
  return (actor) => {
    let name = names.get(actor);
    if (name === undefined) {
      name = rightActors.has(actor) ? actor : renamed(actor, wordOf);
      names.set(actor, name);
    }
    return name;
  };
}

const wordsOf = (records: readonly TraceRecord[]): ReadonlySet<string> =>
  new Set([...new Set(records.map(({ actor }) => actor))].flatMap((actor) => actor.split('/')));

/** By service, the words of the names of those who answer its calls: `cni.Plugin` → flannel, node-1, node-2. */
function answerers(records: readonly TraceRecord[]): ReadonlyMap<string, ReadonlySet<string>> {
  const actors = new Map<string, Set<string>>();
  for (const { kind, name, actor } of records) {
    if (kind !== 'answer') continue;
    const service = name.slice(0, name.indexOf('/'));
    const known = actors.get(service);
    if (known) known.add(actor);
    else actors.set(service, new Set([actor]));
  }
  return new Map([...actors].map(([service, names]) => [service, new Set([...names].flatMap((name) => name.split('/')))]));
}

/** `flannel-agent/node-1` becomes `bridge-agent/node-1`. */
function renamed(actor: string, wordOf: ReadonlyMap<string, string>): string {
  return actor
    .split('/')
    .map((part) => {
      const whole = wordOf.get(part);
      if (whole !== undefined) return whole;
      for (const [from, to] of wordOf) if (part.startsWith(`${from}-`)) return `${to}${part.slice(from.length)}`;
      return part;
    })
    .join('/');
}
