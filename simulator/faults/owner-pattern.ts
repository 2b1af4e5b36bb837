import type { Owner } from '@slipway/kernel';

/** Whether a text matches a pattern in which `*` stands for any text. */
export function matcher(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (text) => expression.test(text);
}

/**
 * Whether an owner, or one that it is part of, is meant. A bare `kubelet` means `kubelet/node-1` too, and `kube-controller-manager` each
 * of its controllers.
 */
export function ownerMatcher(pattern: string): (owner: Owner) => boolean {
  const whole = matcher(pattern);
  const beginning = pattern.includes('*') || pattern.includes('/') ? undefined : `${pattern}/`;
  return (owner) => {
    for (let each: Owner | undefined = owner; each; each = each.parent)
      if (whole(each.name) || (beginning !== undefined && each.name.startsWith(beginning))) return true;
    return false;
  };
}

/** How the owner of a machine is called. Source: `packages/host/host.ts`. */
const HOST = 'host/';

/** The node on which an owner's processes run; undefined for what runs on none. */
export function nodeOf(owner: Owner): string | undefined {
  for (let each: Owner | undefined = owner; each; each = each.parent) if (each.name.startsWith(HOST)) return each.name.slice(HOST.length);
  return undefined;
}

/** Where an owner's processes run, as a partition calls it: the name of a node, `cloud`, `registry`, `outside` or `control-plane`. */
export function placeOf(owner: Owner): string {
  const node = nodeOf(owner);
  if (node !== undefined) return node;
  let top = owner;
  while (top.parent) top = top.parent;
  if (top.name.startsWith('cloud/')) return 'cloud';
  if (top.name === 'registry') return 'registry';
  if (top.name === 'kubectl') return 'outside';
  return 'control-plane';
}
