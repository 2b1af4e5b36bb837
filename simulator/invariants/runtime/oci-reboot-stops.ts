import type { ContainerListEntry, ListResponse, State } from '@slipway/oci';
import type { OciContainer } from '../facts/oci-containers.ts';
import type { Exchange, Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** Judged at each state that the runtime tells of a container which was made before the machine's last power-up. */
export const ociRebootStops: Invariant = {
  id: 'OCI-03',
  name: 'reboot-stops',
  kind: 'S',
  holds: 'after a node reboot no container is still recorded as running',
  watch: (world, { violated, met }, { oci }) => {
    const judge = ({ call, answer }: Exchange, container: OciContainer | undefined, status: string | undefined): void => {
      if (!container || !world.nodes.get(container.node)?.host.on || oci.machine(container)) return;
      met();
      if (status !== 'created' && status !== 'running') return;
      violated(
        `${answer.actor} answered ${call.name} for ${container.id.slice(0, 13)}: it is ${status}, though ${container.node} has been rebooted since`,
        `Container ${container.id.slice(0, 13)}`,
        `Node ${container.node}`,
      );
    };
    return {
      answered: {
        'oci.Runtime/State': (exchange) =>
          judge(exchange, oci.find(exchange.call), exchange.ok ? (exchange.answer.full as State).status : undefined),
        'oci.Runtime/List'(exchange) {
          if (!exchange.ok) return;
          for (const { id, status } of (exchange.answer.full as ListResponse).containers as readonly ContainerListEntry[]) {
            judge(exchange, oci.get(nodeOf(exchange.call.actor), id), status);
          }
        },
      },
    };
  },
};
