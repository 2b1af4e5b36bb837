import type { AuthoriseRequest, AuthoriseResponse } from '@slipway/smi';
import { Remembered } from '../facts/remembered.ts';
import type { Invariant } from '../invariant.ts';

/**
 * A receiver shows that it enforces when it lets something pass by a target. From then on nothing comes in at that port without one,
 * whoever sends, and nothing comes in that nobody asked the mesh about.
 */
export const enforcedAtTarget: Invariant = {
  id: 'SMI-05',
  name: 'enforced-at-target',
  kind: 'S',
  holds: 'the receiving side enforces, whatever the sender does',
  watch: (_world, { violated, met }) => {
    /** Receivers by pod, its annotations and port. */
    const enforcing = new Remembered<string>();
    /** The same by pod and port, for requests as they arrive. */
    const arriving = new Remembered<true>();
    return {
      answered: {
        'smi.Mesh/Authorise'({ call, answer, ok }) {
          if (!ok) return;
          const { source, destination, port, protocol } = call.full as AuthoriseRequest;
          const { allowed, enforced, target } = answer.full as AuthoriseResponse;
          const { uid, annotations, namespace, name } = destination.metadata;
          const key = JSON.stringify([uid, annotations, port, protocol]);
          if (target !== undefined || enforced) {
            enforcing.set(key, target ?? '');
            arriving.set(`${namespace}/${name} ${port}`, true);
          }
          if (!enforcing.has(key)) return;
          met();
          if (!allowed || target !== undefined) return;
          const sender = source ? `${source.serviceAccount} of ${source.namespace}` : 'somebody without an identity';
          violated(
            `${answer.actor} let a request of ${sender} to port ${port} of pod ${namespace}/${name} pass without a TrafficTarget, though access control is on there`,
            `Pod ${namespace}/${name}`,
          );
        },
      },
      trace({ kind, name, full }) {
        if (kind !== 'decision' || name !== 'traffic/request') return;
        const steps = (full ?? []) as readonly { readonly stage: string; readonly what: string }[];
        const [, pod, port] = /^pod (\S+) \S+:(\d+)/.exec(steps.findLast(({ stage }) => stage === 'deliver')?.what ?? '') ?? [];
        if (pod === undefined || !arriving.has(`${pod} ${port}`) || steps.some(({ stage }) => stage === 'mesh-authorise')) return;
        met();
        violated(
          `a request reached port ${port} of pod ${pod} and the mesh was not asked, though access control is on there`,
          `Pod ${pod}`,
        );
      },
    };
  },
};
