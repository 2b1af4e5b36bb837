import type { Container, CriServices, PodSandbox } from '@slipway/cri';
import { minutes, type Micros } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import type { Facts } from '../facts/index.ts';
import type { Invariant, Watched } from '../invariant.ts';
import { atOnce } from './at-once.ts';
import { hasLongBeenReady } from './nodes.ts';

/** A kubelet clears away what it finds without a pod within two rounds of its container collector, which has one a minute. */
const PATIENCE: Micros = minutes(3);

/** The kubelet's annotation on the mirror of a pod that it has from a file: the uid that the runtime knows. */
const MIRROR = 'kubernetes.io/config.mirror';

interface Left {
  readonly uid: string;
  /** `PodSandbox 0f3a…`. */
  readonly title: string;
  readonly pod: string;
  readonly since: Micros;
}

/**
 * Looks at the runtimes themselves, as far as they answer at once, else at what their answers said. Nodes that are off, not ready, back
 * only since a short time, or waiting for an image are left out: their kubelets cannot have cleaned up.
 */
export const noOrphans: Invariant = {
  id: 'CRI-03',
  name: 'no-orphans',
  kind: 'Q',
  holds: 'every sandbox and container in a runtime belongs to a pod the store knows on that node',
  watch: (world, { violated, met }, facts) => ({
    atRest() {
      const { now } = world.kernel;
      const known = knownPods(world);
      for (const [node, { host, cri }] of world.nodes) {
        if (!host.on || !hasLongBeenReady(world, node, PATIENCE) || facts.runtime.isPulling(node)) continue;
        for (const { uid, title, pod, since } of [...leftOn(world, node, cri, facts)]) {
          met();
          if (known.get(node)?.has(uid)) continue;
          if (now - Math.max(since, facts.runtime.pod(uid)?.goneAt ?? 0) < PATIENCE) continue;
          violated(
            `the runtime of ${node} still has ${title} of ${pod}, a pod that the store does not know on that node`,
            `Node ${node}`,
            `Pod ${pod}`,
          );
        }
      }
    },
  }),
};

/** Uids by node. */
function knownPods({ server }: Watched): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>();
  for (const object of server.objects('pods')) {
    const { metadata, spec } = object as Pod;
    if (!spec.nodeName) continue;
    const uids = known.get(spec.nodeName) ?? new Set();
    known.set(spec.nodeName, uids.add(object.metadata.uid));
    const mirrored = metadata.annotations?.[MIRROR];
    if (mirrored !== undefined) uids.add(mirrored);
  }
  return known;
}

function* leftOn({ kernel }: Watched, node: string, cri: CriServices | undefined, facts: Facts): Generator<Left> {
  const since = (createdAt: bigint): Micros => Number(createdAt / 1000n) - kernel.epoch;
  const sandboxes = cri && atOnce(cri.runtime, 'listPodSandbox')?.items;
  const containers = cri && atOnce(cri.runtime, 'listContainers')?.containers;
  if (!sandboxes || !containers) {
    for (const { id, pod } of facts.runtime.sandboxesOf(node).values()) {
      yield { uid: pod.uid, title: `PodSandbox ${id.slice(0, 13)}`, pod: `${pod.namespace}/${pod.name}`, since: 0 };
    }
    return;
  }
  const owners = new Map<string, PodSandbox>(sandboxes.map((sandbox) => [sandbox.id, sandbox]));
  for (const { id, metadata, createdAt } of sandboxes) {
    yield {
      uid: metadata.uid,
      title: `PodSandbox ${id.slice(0, 13)}`,
      pod: `${metadata.namespace}/${metadata.name}`,
      since: since(createdAt),
    };
  }
  for (const container of containers) {
    const { uid, pod } = ownerOf(container, owners.get(container.podSandboxId));
    yield { uid, title: `Container ${container.metadata.name} (${container.id.slice(0, 13)})`, pod, since: since(container.createdAt) };
  }
}

function ownerOf({ podSandboxId }: Container, sandbox: PodSandbox | undefined): { readonly uid: string; readonly pod: string } {
  if (!sandbox) return { uid: '', pod: `(sandbox ${podSandboxId.slice(0, 13)} is gone)` };
  return { uid: sandbox.metadata.uid, pod: `${sandbox.metadata.namespace}/${sandbox.metadata.name}` };
}
