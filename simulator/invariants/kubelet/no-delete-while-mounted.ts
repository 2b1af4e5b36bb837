import type { NodePublishVolumeRequest, NodeUnpublishVolumeRequest } from '@slipway/csi';
import type { Owner } from '@slipway/kernel';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** Where kubelets keep pods. Source: `pkg/kubelet/kubelet_getters.go`. */
const PODS = '/var/lib/kubelet/pods/';

/**
 * Judged whenever a volume is taken away, and at rest: the directory of each pod whose volume a driver was told to publish, or that
 * something is mounted below, is there.
 */
export const noDeleteWhileMounted: Invariant = {
  id: 'KUB-16',
  name: 'no-delete-while-mounted',
  kind: 'S',
  holds: "a pod's directory is never removed while one of its volumes is mounted",
  watch: (world, { violated, met }) => {
    /** Published targets, by node: under which power. */
    const published = new Map<string, Map<string, Owner>>();
    const look = (node: string, targets: Iterable<string>): void => {
      const host = world.nodes.get(node)?.host;
      if (!host?.on) return;
      for (const target of targets) {
        const uid = target.startsWith(PODS) ? target.slice(PODS.length).split('/', 1)[0] : undefined;
        if (!uid) continue;
        met();
        if (host.files.exists(`${PODS}${uid}`)) continue;
        violated(`the directory of pod ${uid} was removed on ${node}, though ${target} is mounted`, `Node ${node}`);
      }
    };
    return {
      called: {
        'csi.Node/NodeUnpublishVolume'(call) {
          const node = nodeOf(call.actor);
          const { targetPath } = call.full as NodeUnpublishVolumeRequest;
          const host = world.nodes.get(node)?.host;
          if (host && published.get(node)?.get(targetPath) === host.owner) look(node, [targetPath]);
        },
      },
      answered: {
        'csi.Node/NodePublishVolume'({ call, ok }) {
          const node = nodeOf(call.actor);
          const host = world.nodes.get(node)?.host;
          if (!ok || !host?.on) return;
          const targets = published.get(node) ?? new Map<string, Owner>();
          published.set(node, targets.set((call.full as NodePublishVolumeRequest).targetPath, host.owner));
        },
        'csi.Node/NodeUnpublishVolume'({ call }) {
          // Whether it worked or not: nobody can say any more that it is there.
          published.get(nodeOf(call.actor))?.delete((call.full as NodeUnpublishVolumeRequest).targetPath);
        },
      },
      atRest() {
        for (const [node, { host }] of world.nodes) {
          if (!host.on) continue;
          look(
            node,
            host.mounts.all().map(({ target }) => target),
          );
        }
      },
    };
  },
};
