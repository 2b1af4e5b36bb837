import type { Micros } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import type { AuthoriseRequest, AuthoriseResponse } from '@slipway/smi';
import { Remembered } from '../facts/remembered.ts';
import type { Invariant } from '../invariant.ts';
import { GRACE } from './decisions.ts';

interface Account {
  readonly name?: string;
  readonly namespace?: string;
}

interface Rule {
  readonly kind?: string;
  readonly name?: string;
  readonly matches?: readonly string[];
}

interface RouteGroup extends KubeObject {
  readonly spec?: { readonly matches?: readonly { readonly name?: string; readonly methods?: readonly string[] }[] };
}

interface Target extends KubeObject {
  readonly spec?: { readonly destination?: Account; readonly sources?: readonly Account[]; readonly rules?: readonly Rule[] };
}

/** A flow that a mesh lets pass must have a target that names both ends and has rules. */
export const denyByDefault: Invariant = {
  id: 'SMI-04',
  name: 'deny-by-default',
  kind: 'S',
  holds: 'with access control on, only flows some target allows pass; a target without rules allows none',
  watch: ({ kernel }, { violated, met }, { staleness }) => {
    const targets = new Map<string, Target>();
    const groups = new Map<string, RouteGroup>();
    let changedAt: Micros = Number.NEGATIVE_INFINITY;
    /** Receivers that have shown that access control is on there: by pod, its annotations and port. */
    const enforcing = new Remembered<true>();
    return {
      resources: ['traffictargets', 'httproutegroups'],
      write({ type, object }) {
        const key = `${object.metadata.namespace}/${object.metadata.name}`;
        // The last version of a target that is gone stays: a proxy may not know yet.
        if (type !== 'DELETED' && object.kind === 'TrafficTarget') targets.set(key, object as Target);
        if (type !== 'DELETED' && object.kind === 'HTTPRouteGroup') groups.set(key, object as RouteGroup);
        changedAt = kernel.now;
      },
      answered: {
        'smi.Mesh/Authorise'({ call, answer, ok }) {
          if (!ok) return;
          const { source, destination, port, protocol, http } = call.full as AuthoriseRequest;
          const { allowed, enforced, target } = answer.full as AuthoriseResponse;
          const { uid, annotations } = destination.metadata;
          const receiver = JSON.stringify([uid, annotations, port, protocol]);
          if (target !== undefined || enforced) enforcing.set(receiver, true);
          if (!allowed) return;
          const isOn = enforcing.has(receiver);
          if (target !== undefined || isOn) met();
          const pod = `Pod ${destination.metadata.namespace}/${destination.metadata.name}`;
          if (target === undefined) {
            if (isOn) violated(`${answer.actor} let a request to ${pod} pass, and no TrafficTarget allows it`, pod);
            return;
          }
          const named = targets.get(target);
          const isKnown = staleness.quietFor >= GRACE && staleness.seenSince(kernel.now) >= changedAt;
          const why = named
            ? refusal(named, source, destination.metadata.namespace ?? '', destination.spec.serviceAccountName ?? 'default')
            : 'is not there';
          const method = isKnown && named && why === undefined ? http?.method : undefined;
          if (method !== undefined && named && !mayUse(named, method, groups))
            violated(
              `${answer.actor} let a ${method} request to ${pod} pass by TrafficTarget ${target}, none of whose rules names that method`,
              pod,
            );
          if (why !== undefined)
            violated(
              `${answer.actor} let a request to ${pod} pass by TrafficTarget ${target}, which ${why}`,
              pod,
              `TrafficTarget ${target}`,
            );
        },
      },
    };
  },
};

function refusal(
  { metadata, spec = {} }: Target,
  source: AuthoriseRequest['source'],
  namespace: string,
  account: string,
): string | undefined {
  const { destination, sources = [], rules = [] } = spec;
  const own = metadata.namespace ?? '';
  if (rules.length === 0) return 'has no rules';
  if (destination?.name !== account || (destination.namespace ?? own) !== namespace) return 'has another destination';
  const isSource = (one: Account): boolean => one.name === source?.serviceAccount && (one.namespace ?? own) === source?.namespace;
  return sources.some(isSource) ? undefined : 'does not name the sender';
}

/** Whether a rule may allow the method: what a rule names that is not known here may allow anything. */
function mayUse({ metadata, spec = {} }: Target, method: string, groups: ReadonlyMap<string, RouteGroup>): boolean {
  return (spec.rules ?? []).some(({ kind, name, matches: wanted = [] }) => {
    const group = kind === 'HTTPRouteGroup' ? groups.get(`${metadata.namespace}/${name}`) : undefined;
    if (!group) return true;
    const matches = (group.spec?.matches ?? []).filter((match) => wanted.length === 0 || wanted.includes(match.name ?? ''));
    return matches.some(({ methods = [] }) => methods.length === 0 || methods.includes('*') || methods.includes(method.toUpperCase()));
  });
}
