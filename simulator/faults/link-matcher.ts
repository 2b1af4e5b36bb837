import type { Link } from '@slipway/kernel';
import type { FaultDocument } from '../scenario/schema.ts';
import { type CallPattern, concerns } from './call-pattern.ts';
import { nodeOf, ownerMatcher } from './owner-pattern.ts';

/** Whether a link carries calls that a fault concerns, as far as the link can tell. */
export function linkMatcher(
  { node, from, to }: Pick<FaultDocument, 'from' | 'to'> & { readonly node?: string },
  pattern: CallPattern,
): (link: Link) => boolean {
  const caller = from === undefined ? undefined : ownerMatcher(from);
  const callee = to === undefined ? undefined : ownerMatcher(to);
  return (link) => {
    if (!concerns(pattern, link.service)) return false;
    if (node !== undefined && nodeOf(link.from) !== node && nodeOf(link.to) !== node) return false;
    return (caller?.(link.from) ?? true) && (callee?.(link.to) ?? true);
  };
}
