import { type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, type Micros, milliseconds, type Process, sleep } from '@slipway/kernel';
import {
  isTerminal,
  matchesRequiredNodeAffinity,
  type Node,
  type Pod,
  type PodStatus,
  setCondition,
  type Stored,
  untoleratedTaint,
} from '@slipway/kube';

/** What becomes of a pod here. */
export interface FakeKubeletOptions {
  /** Whether a pod that runs gets ready. Left out: each does. */
  readonly ready?: (pod: Stored<Pod>) => boolean;
  /** How a pod ends, and when after its start. Left out: it does not. */
  readonly outcome?: (pod: Stored<Pod>) => { readonly exitCode: number; readonly after: Micros } | undefined;
  /** From binding to running. */
  readonly startUp?: Micros;
  /** From a delete to the end. */
  readonly shutDown?: Micros;
  /** Nodes whose kubelet does nothing any more. */
  readonly dead?: ReadonlySet<string>;
}

/** Binds each pod to the first fitting node in turn, runs it, and lets it go: a scheduler and all kubelets in one, for tests. */
export function fakeKubelet(options: FakeKubeletOptions = {}): ControllerDefinition {
  const {
    ready = () => true,
    outcome = () => undefined,
    startUp = milliseconds(100),
    shutDown = milliseconds(100),
    dead = new Set(),
  } = options;
  const startedAt = new Map<string, Micros>();
  const deletedAt = new Map<string, Micros>();
  let turn = 0;
  let address = 0;

  return defineController({
    name: 'fake-kubelet',
    workers: 50,
    watches: [
      'pods',
      watch('nodes', {
        keys: (_node, { context }) =>
          context.informers
            .get('pods')
            .list()
            .filter((pod) => !pod.spec.nodeName)
            .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
      }),
    ],
    *reconcile(key, { informers, api, now, timestamp }) {
      const pod = informers.get('pods').get(key);
      if (!pod) return undefined;
      const { uid, namespace = 'default', name } = pod.metadata;
      const { nodeName } = pod.spec;
      if (!nodeName) {
        const fitting = informers
          .get('nodes')
          .list()
          .filter((node) => fits(pod, node))
          .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
        const node = fitting[turn++ % Math.max(1, fitting.length)];
        if (node && pod.metadata.deletionTimestamp === undefined)
          yield* ignoring(api.pods.bind({ namespace, name, nodeName: node.metadata.name }));
        return undefined;
      }
      if (dead.has(nodeName)) return undefined;
      if (pod.metadata.deletionTimestamp !== undefined) {
        const since = deletedAt.get(uid) ?? now();
        deletedAt.set(uid, since);
        if (now() < since + shutDown) return { requeueAfter: since + shutDown - now() };
        yield* ignoring(api.pods.delete({ namespace, name, gracePeriodSeconds: 0, preconditions: { uid } }));
        return undefined;
      }
      if (isTerminal(pod)) return undefined;
      const since = startedAt.get(uid) ?? now();
      startedAt.set(uid, since);
      if (now() < since + startUp) return { requeueAfter: since + startUp - now() };
      const end = outcome(pod);
      const ended = end !== undefined && now() >= since + startUp + end.after;
      const isReady = !ended && ready(pod) ? 'True' : 'False';
      const conditions = setCondition(pod.status?.conditions, { type: 'Ready', status: isReady, lastTransitionTime: timestamp() });
      const state: PodStatus = ended
        ? {
            phase: end.exitCode === 0 ? 'Succeeded' : 'Failed',
            containerStatuses: [
              {
                name: pod.spec.containers[0]?.name ?? '',
                ready: false,
                restartCount: 0,
                image: '',
                imageID: '',
                state: { terminated: { exitCode: end.exitCode, finishedAt: timestamp() } },
              },
            ],
          }
        : { phase: 'Running' };
      const podIP = pod.status?.podIP ?? `10.244.${(address += 1) >> 8}.${address & 255}`;
      if (pod.status?.phase !== state.phase || conditions !== pod.status?.conditions)
        yield* ignoring(api.pods.updateStatus({ ...pod, status: { ...pod.status, ...state, podIP, conditions } }));
      return end !== undefined && !ended ? { requeueAfter: since + startUp + end.after - now() } : undefined;
    },
  });
}

function fits(pod: Stored<Pod>, node: Stored<Node>): boolean {
  if (untoleratedTaint(node.spec?.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute'])) return false;
  return matchesRequiredNodeAffinity(pod, node);
}

/** Somebody else was faster; the change wakes this pod again. */
function* ignoring(call: Process<unknown>): Process {
  try {
    yield* call;
  } catch (error) {
    if (codeOf(error) !== 'NotFound' && codeOf(error) !== 'Conflict') throw error;
    yield* sleep(0);
  }
}
