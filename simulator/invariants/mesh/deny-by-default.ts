import type { AuthoriseRequest, AuthoriseResponse } from '@slipway/smi';
import type { KubeObject } from '@slipway/kube';
import { Remembered } from '../facts/remembered.ts';
import type { Invariant } from '../invariant.ts';

interface Account {
  readonly name?: string;
  readonly namespace?: string;
}

interface Target extends KubeObject {
  readonly spec?: { readonly destination?: Account; readonly sources?: readonly Account[]; readonly rules?: readonly unknown[] };
}

/** A flow that a mesh lets pass must have a target that names both ends and has rules. */
export const denyByDefault: Invariant = {
  id: 'SMI-04',
  name: 'deny-by-default',
  kind: 'S',
  holds: 'with access control on, only flows some target allows pass; a target without rules allows none',
  watch: (_world, { violated, met }) => {
    const targets = new Map<string, Target>();
    /** Receivers that have shown that access control is on there: by pod, its annotations and port. */
    const enforcing = new Remembered<true>();
    return {
      resources: ['traffictargets'],
      write({ type, object }) {
        const key = `${object.metadata.namespace}/${object.metadata.name}`;
        // The last version of a target that is gone stays: a proxy may not know yet.
        if (type !== 'DELETED') targets.set(key, object as Target);
      },
      answered: {
        'smi.Mesh/Authorise'({ call, answer, ok }) {
          if (!ok) return;
          const { source, destination, port, protocol } = call.full as AuthoriseRequest;
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
          const why = named
            ? refusal(named, source, destination.metadata.namespace ?? '', destination.spec.serviceAccountName ?? 'default')
            : 'is not there';
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
