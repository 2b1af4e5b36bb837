import type { CreateContainerRequest, CreateContainerResponse, RunPodSandboxRequest, RunPodSandboxResponse } from '@slipway/cri';
import { messageOf, minutes, type Micros, type TraceRecord } from '@slipway/kernel';
import { isLinkFailure } from '../dispatch.ts';
import type { Check, Exchange, Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import { atOnce } from './at-once.ts';

/** How runtimes say that a name is taken: `name "…" is reserved for "…"`, `container name is in use`. */
const TAKEN = /\breserved\b|already (exists|in use)|\bin use\b|name conflict/i;

/** Longer than a create takes whose caller has given up. */
const PATIENCE: Micros = minutes(5);

/** One name: of a sandbox, or of a container in one. */
interface Name {
  readonly title: string;
  readonly pod: string;
  readonly uid: string;
  readonly attempt: number;
  readonly container: string | undefined;
  readonly node: string;
  underWay: number;
  /** The object that has it, by the runtime's word. */
  live: string | undefined;
  /** Nobody knows what became of the last try. */
  unknown: boolean;
  /** The last try failed, and the runtime said so. */
  failed: string | undefined;
  /** Since when it has been refused as taken. */
  refusedSince: Micros | undefined;
  refusedLast: Micros;
}

/**
 * Judged at each create that is refused since its name is taken, where the runtime itself has said that the one before failed; after
 * lost answers, deaths and deadlines only when the calm is over. And at each create that succeeds while another object has the name.
 */
export const nameFreed: Invariant = {
  id: 'CRI-02',
  name: 'name-freed',
  kind: 'L',
  holds: 'after a failed or timed-out create the same name can be used again; no two live objects share (pod, attempt)',
  watch: (world, { violated, met }) => {
    /** By pod, then node, container and attempt. */
    const names = new Map<string, Map<string, Name>>();
    /** The name that an object has, by node and id. */
    const byId = new Map<string, Name>();
    const nameOf = (call: TraceRecord): Name => {
      const node = nodeOf(call.actor);
      const { podSandboxId, ...request } = call.full as RunPodSandboxRequest & Partial<CreateContainerRequest>;
      const { metadata: pod } = (request.sandboxConfig ?? request.config) as RunPodSandboxRequest['config'];
      const container = podSandboxId === undefined ? undefined : request.config.metadata.name;
      const attempt =
        (podSandboxId === undefined ? pod : (request.config as { readonly metadata: { readonly attempt?: number } }).metadata).attempt ?? 0;
      // Containers of one attempt in two sandboxes of a pod share a name in containerd and CRI-O as well.
      const key = `${node}/${container ?? ''}/${attempt}`;
      let ofPod = names.get(pod.uid);
      if (!ofPod) names.set(pod.uid, (ofPod = new Map()));
      const known = ofPod.get(key);
      if (known) return known;
      const title = container === undefined ? `sandbox ${attempt}` : `container ${container}, attempt ${attempt}`;
      const name: Name = {
        node,
        uid: pod.uid,
        attempt,
        container,
        title,
        pod: `${pod.namespace}/${pod.name}`,
        underWay: 0,
        live: undefined,
        unknown: false,
        failed: undefined,
        refusedSince: undefined,
        refusedLast: 0,
      };
      ofPod.set(key, name);
      return name;
    };
    const begin = (call: TraceRecord): void => {
      const name = nameOf(call);
      if (name.failed !== undefined || name.unknown) met();
      name.underWay += 1;
    };
    const end = ({ call, answer, ok, code, disturbed }: Exchange): void => {
      const name = nameOf(call);
      name.underWay -= 1;
      const { now } = world.kernel;
      if (ok) {
        const { podSandboxId, containerId } = answer.full as Partial<RunPodSandboxResponse & CreateContainerResponse>;
        const id = containerId ?? podSandboxId ?? '';
        if (name.live !== undefined && name.live !== id && byId.get(`${name.node}/${name.live}`) === name) {
          violated(
            `${answer.actor} answered ${call.name} with ${id.slice(0, 13)}, a second object for ${name.title} of pod ${name.pod}: ${name.live.slice(0, 13)} is there already`,
            `Pod ${name.pod}`,
          );
        }
        Object.assign(name, { live: id, failed: undefined, unknown: false, refusedSince: undefined });
        byId.set(`${name.node}/${id}`, name);
        return;
      }
      const why = messageOf(answer.full);
      if (isLinkFailure(code) || disturbed) {
        name.unknown = true;
        return;
      }
      if (!TAKEN.test(why) && code !== 'ALREADY_EXISTS') {
        Object.assign(name, { failed: why, refusedSince: undefined });
        return;
      }
      name.refusedSince ??= now;
      name.refusedLast = now;
      if (name.failed === undefined || name.unknown || name.underWay > 0 || name.live !== undefined) return;
      violated(
        `${answer.actor} refused ${call.name} for ${name.title} of pod ${name.pod} (${why}), though the one before failed (${name.failed})`,
        `Pod ${name.pod}`,
      );
      // Told once for each failure.
      name.failed = undefined;
    };
    const removed = ({ call, ok }: Exchange): void => {
      const { podSandboxId, containerId } = call.full as { readonly podSandboxId?: string; readonly containerId?: string };
      const key = `${nodeOf(call.actor)}/${containerId ?? podSandboxId}`;
      const name = byId.get(key);
      if (!name || !ok) return;
      byId.delete(key);
      if (name.live === (containerId ?? podSandboxId)) name.live = undefined;
      if (containerId === undefined) forgetContainers(name);
    };
    /** The containers of a sandbox go with it. */
    const forgetContainers = ({ node, uid }: Name): void => {
      for (const name of names.get(uid)?.values() ?? []) {
        if (name.node !== node || name.container === undefined || name.live === undefined) continue;
        byId.delete(`${node}/${name.live}`);
        name.live = undefined;
      }
    };
    return {
      resources: ['pods'],
      write({ type, object }) {
        if (type !== 'DELETED') return;
        const ofPod = names.get(object.metadata.uid);
        for (const [key, name] of ofPod ?? []) if (name.live === undefined && name.underWay === 0) ofPod?.delete(key);
        if (ofPod?.size === 0) names.delete(object.metadata.uid);
      },
      called: {
        'cri.RuntimeService/RunPodSandbox': begin,
        'cri.RuntimeService/CreateContainer': begin,
      },
      answered: {
        'cri.RuntimeService/RunPodSandbox': end,
        'cri.RuntimeService/CreateContainer': end,
        'cri.RuntimeService/RemovePodSandbox': removed,
        'cri.RuntimeService/RemoveContainer': removed,
      },
      afterCalm() {
        const { now } = world.kernel;
        for (const name of [...names.values()].flatMap((ofPod) => [...ofPod.values()])) {
          const { refusedSince, refusedLast, node, title, pod } = name;
          if (refusedSince === undefined || name.underWay > 0) continue;
          if (now - refusedLast > PATIENCE || refusedLast - refusedSince < PATIENCE || hasObject(name)) continue;
          violated(
            `the runtime of ${node} has refused ${title} of pod ${pod} as taken for a long time, and nothing has that name`,
            `Pod ${pod}`,
          );
        }
      },
    } satisfies Check;

    /** Whether the runtime shows an object of this name, or cannot be asked. */
    function hasObject({ node, uid, attempt, container }: Name): boolean {
      const runtime = world.nodes.get(node)?.cri?.runtime;
      const sandboxes = runtime && atOnce(runtime, 'listPodSandbox')?.items;
      const containers = runtime && atOnce(runtime, 'listContainers')?.containers;
      if (!sandboxes || !containers) return true;
      if (container === undefined) return sandboxes.some(({ metadata }) => metadata.uid === uid && (metadata.attempt ?? 0) === attempt);
      const own = new Set(sandboxes.filter(({ metadata }) => metadata.uid === uid).map(({ id }) => id));
      return containers.some(
        ({ podSandboxId, metadata }) => own.has(podSandboxId) && metadata.name === container && (metadata.attempt ?? 0) === attempt,
      );
    }
  },
};
