import type { ContainerRequest, CreateRequest, DeleteRequest } from '@slipway/oci';
import { messageOf } from '@slipway/kernel';
import type { OciContainer } from '../facts/oci-containers.ts';
import { Remembered } from '../facts/remembered.ts';
import { isLinkFailure } from '../dispatch.ts';
import type { Exchange, Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/**
 * Judged at each delete that succeeds, by the machine: the container's first process has ended and nothing is mounted in its bundle that
 * create had put there. And by what the runtime says afterwards: it does not know the container, and its id can be used again.
 */
export const ociDeleteComplete: Invariant = {
  id: 'OCI-02',
  name: 'delete-complete',
  kind: 'Q',
  holds: 'delete frees all that create made; a failed stop hook is retried, not forgotten',
  watch: (world, { violated, met }, { oci }) => {
    const deleting = new Map<number, OciContainer>();
    /** Containers whose delete succeeded, and those whose delete the runtime refused, by node and id. */
    const gone = new Remembered<'deleted' | 'refused'>();
    const keyOf = ({ actor, full }: Exchange['call']): string => `${nodeOf(actor)}/${(full as ContainerRequest).id}`;
    const report = ({ call, answer }: Exchange, what: string): void => {
      const { id } = call.full as ContainerRequest;
      violated(
        `${answer.actor} answered ${call.name} for ${id.slice(0, 13)} on ${nodeOf(call.actor)}: ${what}`,
        `Container ${id.slice(0, 13)}`,
      );
    };
    /** What create mounts is below the bundle; what its caller has mounted there before is its own. */
    const mountsIn = (node: string, bundle: string): readonly string[] => {
      const host = world.nodes.get(node)?.host;
      return host?.on ? host.mounts.below(bundle).map(({ target }) => target) : [];
    };
    const mounted = new Remembered<ReadonlySet<string>>();
    return {
      called: {
        'oci.Runtime/Create'(call) {
          const { bundle } = call.full as CreateRequest;
          mounted.set(keyOf(call), new Set(mountsIn(nodeOf(call.actor), bundle)));
        },
        'oci.Runtime/Delete'(call) {
          const container = oci.find(call);
          if (container) deleting.set(call.seq, container);
        },
      },
      answered: {
        'oci.Runtime/State'(exchange) {
          const { call, ok, code, disturbed } = exchange;
          const how = gone.get(keyOf(call));
          if (how === undefined || disturbed) return;
          met();
          if (how === 'deleted' && ok) report(exchange, 'it is there, though its delete succeeded');
          if (how === 'refused' && code === 'UNKNOWN_CONTAINER' && oci.find(call) && oci.machine(oci.find(call) as OciContainer)) {
            report(exchange, 'it is not known any more, though its delete failed');
          }
        },
        'oci.Runtime/Delete'(exchange) {
          const { call, ok, code, disturbed, answer } = exchange;
          const container = deleting.get(call.seq);
          deleting.delete(call.seq);
          const { force = false } = call.full as DeleteRequest;
          if (!ok) {
            if (
              gone.get(keyOf(call)) === 'refused' &&
              code === 'UNKNOWN_CONTAINER' &&
              !disturbed &&
              !force &&
              container &&
              oci.machine(container)
            ) {
              report(exchange, `it is not known any more, though its delete failed before (${messageOf(answer.full)})`);
            }
            if (container && !disturbed && !isLinkFailure(code) && code !== 'UNKNOWN_CONTAINER') gone.set(keyOf(call), 'refused');
            return;
          }
          if (container) gone.set(keyOf(call), 'deleted');
          const machine = container && !disturbed ? oci.machine(container) : undefined;
          if (!container || !machine) return;
          met();
          const process = machine.processes.get(container.pid);
          if (process && process.state !== 'exited') report(exchange, `process ${container.pid} of it is still there`);
          const own = mounted.get(keyOf(call));
          const left = own ? mountsIn(container.node, container.bundle).filter((target) => !own.has(target)) : [];
          if (left.length > 0) report(exchange, `${left.join(' and ')} is still mounted`);
        },
        'oci.Runtime/Create'(exchange) {
          const key = keyOf(exchange.call);
          if (exchange.code === 'ID_IN_USE' && !exchange.disturbed && gone.get(key) === 'deleted') {
            report(exchange, 'its id is in use, though its delete succeeded');
          }
          // Of one that may be there again nothing is known.
          gone.delete(key);
        },
      },
    };
  },
};
