import type { ContainerStatus, DeleteRequest, State } from '@slipway/oci';
import type { TraceRecord } from '@slipway/kernel';
import { type OciContainer, stageOf } from '../facts/oci-containers.ts';
import type { Exchange, Invariant } from '../invariant.ts';

/** How a container was when a call about it was sent. */
interface Before {
  readonly container: OciContainer;
  readonly status: ContainerStatus;
}

/**
 * Judged by what the runtime said before the call was sent, and by the processes of the machine: what an answer overtakes is no sign.
 */
export const ociStates: Invariant = {
  id: 'OCI-01',
  name: 'states',
  kind: 'S',
  holds: 'containers go creating, created, running, stopped and never back; delete of a running one is an error',
  watch: (_world, { violated, met }, { oci }) => {
    const before = new Map<number, Before>();
    const begin = (call: TraceRecord): void => {
      const container = oci.find(call);
      if (container) before.set(call.seq, { container, status: container.status });
    };
    const report = ({ call, answer }: Exchange, { id, node }: OciContainer, what: string): void =>
      violated(`${answer.actor} answered ${call.name} for ${id.slice(0, 13)} on ${node}: ${what}`, `Container ${id.slice(0, 13)}`);
    /** Judges a call that went well while its container was there. */
    const judging =
      (judge: (exchange: Exchange, before: Before) => string | undefined) =>
      (exchange: Exchange): void => {
        const found = before.get(exchange.call.seq);
        before.delete(exchange.call.seq);
        if (!found || !exchange.ok || exchange.disturbed) return;
        met();
        const what = judge(exchange, found);
        if (what !== undefined) report(exchange, found.container, what);
      };
    const stateOf = (container: OciContainer): string | undefined => oci.machine(container)?.processes.get(container.pid)?.state;
    return {
      called: {
        'oci.Runtime/State': begin,
        'oci.Runtime/Start': begin,
        'oci.Runtime/Kill': begin,
        'oci.Runtime/Delete': begin,
      },
      answered: {
        'oci.Runtime/Create'(exchange) {
          const container = exchange.ok && !exchange.disturbed ? oci.find(exchange.call) : undefined;
          if (!container) return;
          met();
          if (stateOf(container) === 'running') report(exchange, container, 'its program runs, and nobody has started it');
        },
        'oci.Runtime/State': judging(({ answer }, { status }) => {
          const now = (answer.full as State).status;
          return stageOf(now) < stageOf(status) ? `it is ${now}, and was ${status} before` : undefined;
        }),
        'oci.Runtime/Start': judging((_exchange, { container, status }) => {
          if (stageOf(status) > stageOf('created')) return `it was ${status} already`;
          return stateOf(container) === 'created' ? 'its program does not run' : undefined;
        }),
        'oci.Runtime/Kill': judging((_exchange, { status }) => (status === 'stopped' ? 'it was stopped already' : undefined)),
        'oci.Runtime/Delete': judging(({ call }, { container }) => {
          const { force = false } = call.full as DeleteRequest;
          return !force && stateOf(container) === 'running' ? 'its program still runs' : undefined;
        }),
      },
    };
  },
};
