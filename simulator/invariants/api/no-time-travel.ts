import type { ListResponse, SelectionRequest } from '@slipway/client';
import type { TraceRecord } from '@slipway/kernel';
import type { KubeObject, Stored } from '@slipway/kube';
import type { Exchange, Invariant } from '../invariant.ts';

const WRITES = ['Create', 'Update', 'UpdateStatus', 'Patch'].map((method) => `api.Server/${method}`);

/**
 * Judged at each list by what its client had been told before it asked: it is no older than an earlier list of the same, nor than what the
 * client itself had written. Lists that a fault has answered from the past are not judged. (Single reads leave no trace.)
 */
export const noTimeTravel: Invariant = {
  id: 'API-05',
  name: 'no-time-travel',
  kind: 'S',
  holds: 'a client never acts on a state older than one it has acted on',
  watch: (_world, { violated, met }) => {
    /** Newest revision that a client was told of, by client and what it listed or wrote. */
    const known = new Map<string, number>();
    /** What was known when a list was asked for: answers may overtake each other. */
    const floors = new Map<number, number>();
    const old = new Set<number>();
    const tell = (key: string, revision: number): void => {
      if (revision > (known.get(key) ?? 0)) known.set(key, revision);
    };
    const written = ({ call, answer, ok }: Exchange): void => {
      const { resourceVersion } = (ok ? (answer.full as Stored<KubeObject>).metadata : undefined) ?? {};
      // A lease's heartbeats have revisions of their own, behind a dash.
      if (resourceVersion !== undefined) tell(keyOfWrites(call), Number(resourceVersion.split('-')[0]));
    };
    return {
      fault({ name, data, cause }) {
        if (data[0] === 'answered by another' && name === 'api.Server/List') old.add(cause);
      },
      called: {
        'api.Server/List'(call) {
          const floor = Math.max(known.get(keyOfList(call)) ?? 0, known.get(keyOfWrites(call)) ?? 0);
          if (floor > 0) floors.set(call.seq, floor);
        },
      },
      answered: {
        ...Object.fromEntries(WRITES.map((name) => [name, written])),
        'api.Server/List'({ call, answer, ok }) {
          const floor = floors.get(call.seq);
          floors.delete(call.seq);
          const isOld = old.delete(call.seq);
          if (!ok || isOld) return;
          const revision = Number((answer.full as ListResponse).resourceVersion);
          tell(keyOfList(call), revision);
          if (floor === undefined) return;
          met();
          if (revision >= floor) return;
          const { resource } = call.full as SelectionRequest;
          violated(
            `${call.actor} was told of ${resource} at revision ${revision}, and had seen them at ${floor}`,
            `${resource} of ${call.actor}`,
          );
        },
      },
    };
  },
};

const keyOfWrites = ({ actor, full }: TraceRecord): string => `${actor} ${(full as SelectionRequest).resource}`;

function keyOfList({ actor, full }: TraceRecord): string {
  const { resource, namespace = '', labelSelector = '', fieldSelector = '' } = full as SelectionRequest;
  return `${actor} ${resource} ${namespace} ${labelSelector} ${fieldSelector}`;
}
