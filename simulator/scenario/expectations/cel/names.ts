import type { Kind } from '@slipway/kube';

/** `VolumeAttachment` → `volumeAttachments`, `NetworkPolicy` → `networkPolicies`, `CSINode` → `csiNodes`: the plural in the kind's own letters. */
export function camelPlural({ kind, plural }: Pick<Kind, 'kind' | 'plural'>): string {
  const camel = kind.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, (head) => head.toLowerCase());
  let same = 0;
  while (same < plural.length && camel[same]?.toLowerCase() === plural[same]) same += 1;
  return camel.slice(0, same) + plural.slice(same);
}

/** What a kind may be called in an expression: in camel case, or as URLs have it. A dash would be a minus. */
export function namesOf(kind: Kind): readonly string[] {
  const lower = kind.plural.replaceAll('-', '_').replaceAll('.', '_');
  return [...new Set([camelPlural(kind).replaceAll('-', '_').replaceAll('.', '_'), lower])];
}

/** Kinds by the names that expressions may use; of two with one name the first. */
export function kindsByName(kinds: readonly Kind[]): ReadonlyMap<string, Kind> {
  const found = new Map<string, Kind>();
  for (const kind of kinds) for (const name of namesOf(kind)) if (!found.has(name)) found.set(name, kind);
  return found;
}
