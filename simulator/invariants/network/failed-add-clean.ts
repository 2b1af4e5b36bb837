import type { AddRequest } from '@slipway/cni';
import type { Host } from '@slipway/host';
import { isLinkFailure } from '../dispatch.ts';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** Where plugins that keep to the reference IPAM note addresses: one file each, with the id of the sandbox that has it. */
const RESERVATIONS = '/var/lib/cni/networks';

/**
 * Looks at the machine right after the first plugin of a network has refused: the sandbox has no interface, and no address is noted for
 * it. What earlier plugins of a chain made is theirs to undo, so later ones are not judged.
 */
export const failedAddClean: Invariant = {
  id: 'NET-03',
  name: 'failed-add-clean',
  kind: 'S',
  holds: 'an ADD that returned an error leaves nothing allocated',
  watch: (world, { violated, met }, { attachments }) => ({
    answered: {
      'cni.Plugin/Add'({ call, answer, ok, code, disturbed }) {
        const { containerId, ifname, netns, config, args } = call.full as AddRequest;
        // Asked a second time, a plugin must refuse, and leave what the first time made.
        const again = attachments.find(call)?.ips.length !== 0;
        if (ok || again || disturbed || isLinkFailure(code) || config.prevResult) return;
        const host = world.nodes.get(nodeOf(call.actor))?.host;
        if (!host?.on) return;
        met();
        const left: string[] = [];
        if (host.network.get(netns)?.interfaces.has(ifname)) left.push(`the interface ${ifname}`);
        left.push(...reservationsOf(host, config.name, containerId).map((address) => `the address ${address}`));
        if (left.length === 0) return;
        const pod = args?.['K8S_POD_NAME'] === undefined ? containerId : `${args['K8S_POD_NAMESPACE']}/${args['K8S_POD_NAME']}`;
        violated(`${answer.actor} failed ${call.name} for ${pod} with ${code} and left ${left.join(' and ')} behind`, `Pod ${pod}`);
      },
    },
  }),
};

function reservationsOf({ files }: Host, network: string, containerId: string): readonly string[] {
  const directory = `${RESERVATIONS}/${network}`;
  if (!files.exists(directory)) return [];
  return files
    .list(directory)
    .filter((name) => !name.startsWith('last_reserved') && files.readText(`${directory}/${name}`).startsWith(containerId));
}
