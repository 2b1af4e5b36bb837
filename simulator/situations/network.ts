import type { AddRequest, DelRequest } from '@slipway/cni';
import type { TraceRecord } from '@slipway/kernel';
import type { Watched } from '../invariants/invariant.ts';
import { nodeOf } from '../invariants/titles.ts';
import { OpenCalls } from './open-calls.ts';
import type { Situation } from './situation.ts';

const sandboxOf = (call: TraceRecord): string => `${nodeOf(call.actor)}/${(call.full as DelRequest).containerId}`;
/** A chain calls each of its plugins for one interface. */
const attachmentOf = (call: TraceRecord): string => {
  const { ifname, config } = call.full as DelRequest;
  return `${sandboxOf(call)}/${ifname}/${config.type}`;
};

function hasAddress({ nodes }: Watched, call: TraceRecord): boolean {
  const { netns, ifname } = call.full as AddRequest;
  const host = nodes.get(nodeOf(call.actor))?.host;
  return (host?.on && (host.network.get(netns)?.interfaces.get(ifname)?.addresses.length ?? 0) > 0) === true;
}

const addFailedLate: Situation = {
  id: 'add-failed-late',
  title: 'an ADD failed after it took an address',
  watch: (world, reached, { attachments }) => {
    /** Calls whose work was done and whose answer was lost. */
    const lost = new Set<number>();
    return {
      fault({ name, cause, data }) {
        if (name === 'cni.Plugin/Add' && data[0] === 'answer lost') lost.add(cause);
      },
      answered: {
        'cni.Plugin/Add'({ call, ok }) {
          const wasDone = lost.delete(call.seq);
          if (ok) return;
          const { containerId, ifname } = call.full as AddRequest;
          const before = attachments.of(nodeOf(call.actor), containerId);
          if (wasDone || hasAddress(world, call) || before.some((each) => each.ifname === ifname && each.ips.length > 0)) reached();
        },
      },
    };
  },
};

const delRepeated: Situation = {
  id: 'del-repeated',
  title: 'a DEL came again for what was deleted already',
  watch: (_world, reached) => {
    const deleted = new Set<string>();
    return {
      called: {
        'cni.Plugin/Add': (call) => void deleted.delete(attachmentOf(call)),
        'cni.Plugin/Del': (call) => deleted.has(attachmentOf(call)) && reached(),
      },
      answered: { 'cni.Plugin/Del': ({ call, ok }) => ok && deleted.add(attachmentOf(call)) },
    };
  },
};

const delAfterPowerLoss: Situation = {
  id: 'del-after-power-loss',
  title: 'a DEL came for a sandbox that was lost with its power',
  watch: (_world, reached, { attachments }) => ({
    called: {
      'cni.Plugin/Del'(call) {
        const attachment = attachments.find(call);
        if (attachment && attachment.power !== attachments.powerOf(nodeOf(call.actor))) reached();
      },
    },
  }),
};

const delDuringAdd: Situation = {
  id: 'del-during-add',
  title: 'a DEL came while the ADD of its sandbox was not answered',
  watch: (_world, reached) => {
    const adding = new OpenCalls();
    return {
      called: {
        'cni.Plugin/Add': (call) => adding.begin(sandboxOf(call), call),
        'cni.Plugin/Del': (call) => adding.has(sandboxOf(call)) && reached(),
      },
      answered: { 'cni.Plugin/Add': ({ call }) => adding.end(sandboxOf(call), call) },
    };
  },
};

const addressReused: Situation = {
  id: 'address-reused',
  title: 'an address was given to a second sandbox',
  watch: (_world, reached, { attachments }) => {
    const holders = new Map<string, string>();
    return {
      answered: {
        'cni.Plugin/Add'({ call, ok }) {
          const attachment = ok ? attachments.find(call) : undefined;
          for (const ip of attachment?.ips ?? []) {
            const holder = holders.get(ip);
            if (holder !== undefined && holder !== sandboxOf(call)) reached();
            holders.set(ip, sandboxOf(call));
          }
        },
      },
    };
  },
};

const addsOverlapped: Situation = {
  id: 'adds-overlapped',
  title: 'two ADDs were under way on one node',
  watch: (_world, reached) => {
    const adding = new OpenCalls();
    return {
      called: {
        'cni.Plugin/Add'(call) {
          if (adding.has(nodeOf(call.actor))) reached();
          adding.begin(nodeOf(call.actor), call);
        },
      },
      answered: { 'cni.Plugin/Add': ({ call }) => adding.end(nodeOf(call.actor), call) },
    };
  },
};

export const networkSituations: readonly Situation[] = [
  addFailedLate,
  delRepeated,
  delAfterPowerLoss,
  delDuringAdd,
  addressReused,
  addsOverlapped,
];
