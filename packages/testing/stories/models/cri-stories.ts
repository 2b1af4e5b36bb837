import type { CriSubject } from '@slipway/cri/conformance';
import type { Process } from '@slipway/kernel';
import fc from 'fast-check';
import { containerConfigOf, sandboxConfigOf } from '../../commands/cri-model.ts';
import type { Heard, Possible, StoryModel } from '../model.ts';
import { sortedBy } from './sorted-by.ts';

/** What a kubelet knows of a runtime: ids that it was told, or saw in a list. */
export interface CriSession {
  readonly subject: Pick<CriSubject, 'runtime' | 'image'>;
  readonly image: string;
  /** By pod. */
  readonly sandboxes: Map<string, string>;
  /** By `pod/container`. */
  readonly containers: Map<string, string>;
}

type Kind = 'run' | 'stop' | 'remove' | 'create' | 'start' | 'stop container' | 'remove container' | 'list';

export interface CriWish {
  readonly kind: Kind;
  readonly pod: string;
  readonly container: string;
}

export interface CriAct extends CriWish {
  /** Of the sandbox, or of the container. */
  readonly id: string;
}

/** One container; `id` is empty while nobody has heard it. `ended` may be shown as created where it never ran. */
interface Container {
  readonly id: string;
  readonly state: 'created' | 'running' | 'ended' | 'ended unstarted';
}

interface Sandbox {
  readonly id: string;
  readonly ready: boolean;
  readonly containers: Readonly<Record<string, Container>>;
}

type State = Readonly<Record<string, Sandbox>>;

/** What the lists show, by pod and by `pod/container`. */
interface Listed {
  readonly sandboxes: readonly (readonly [pod: string, id: string, ready: boolean])[];
  readonly containers: readonly (readonly [key: string, id: string, state: string])[];
}

type Answer = string | Listed | object;

export const criSession = (subject: CriSession['subject'], image = 'registry.k8s.io/e2e-test-images/busybox:1.29-2'): CriSession => ({
  subject,
  image,
  sandboxes: new Map(),
  containers: new Map(),
});

/**
 * A container runtime as a kubelet uses it: what became of a lost call shows in the lists, and removing and stopping are repeated at will.
 * CRI v1, `api.proto`: RunPodSandbox and CreateContainer are not idempotent, StopPodSandbox and its kin are.
 */
export const criStories: StoryModel<CriSession, State, CriWish, CriAct, Answer> = {
  wishes: (alone) =>
    fc.record({
      kind: fc.constantFrom<Kind>(
        ...(['run', 'run', 'create', 'create', 'start', 'stop', 'remove', 'stop container', 'remove container'] as const),
        ...(alone ? (['list'] as const) : []),
      ),
      pod: fc.constantFrom('pod-0', 'pod-1'),
      container: fc.constantFrom('a', 'b'),
    }),
  start: {},
  resolve({ sandboxes, containers }, wish, client) {
    // One worker for each pod, as a kubelet has.
    const pod = client === undefined ? wish.pod : `pod-${client}`;
    const mine = { ...wish, pod };
    if (wish.kind === 'list' || wish.kind === 'run') return { ...mine, id: '' };
    const isOfContainer = ['start', 'stop container', 'remove container'].includes(wish.kind);
    const id = isOfContainer ? containers.get(`${pod}/${wish.container}`) : sandboxes.get(pod);
    return id === undefined ? undefined : { ...mine, id };
  },
  print({ kind, pod, container }) {
    if (kind === 'list') return 'list sandboxes and containers';
    if (kind === 'create') return `create container ${pod}/${container}`;
    return ['run', 'stop', 'remove'].includes(kind) ? `${kind} sandbox of ${pod}` : `${kind.split(' ')[0]} container ${pod}/${container}`;
  },
  perform,
  learn(session, { kind, pod, container }, answer) {
    if (kind === 'run') session.sandboxes.set(pod, answer as string);
    if (kind === 'create') session.containers.set(`${pod}/${container}`, answer as string);
    if (kind !== 'list') return;
    const { sandboxes, containers } = answer as Listed;
    for (const [name, id] of sandboxes) session.sandboxes.set(name, id);
    for (const [key, id] of containers) session.containers.set(key, id);
  },
  after,
  repair: (act) =>
    ['run', 'create', 'start'].includes(act.kind)
      ? [{ ...act, kind: 'list' }]
      : [act, ...(act.kind === 'list' ? [] : [{ ...act, kind: 'list' as const }])],
  closing({ sandboxes }, done) {
    const removals = [...sandboxes].sort().flatMap(([pod, id]): CriAct[] => [
      { kind: 'stop', pod, container: '', id },
      { kind: 'remove', pod, container: '', id },
    ]);
    const list: CriAct = { kind: 'list', pod: '', container: '', id: '' };
    return [list, ...removals, list][done];
  },
};

function* perform(session: CriSession, { kind, pod, container, id }: CriAct): Process<Answer> {
  const { runtime, image } = session.subject;
  if (kind === 'run') return (yield* runtime.runPodSandbox({ config: sandboxConfigOf(pod) })).podSandboxId;
  if (kind === 'stop') return yield* runtime.stopPodSandbox({ podSandboxId: id });
  if (kind === 'remove') return yield* runtime.removePodSandbox({ podSandboxId: id });
  if (kind === 'start') return yield* runtime.startContainer({ containerId: id });
  if (kind === 'stop container') return yield* runtime.stopContainer({ containerId: id, timeout: 1 });
  if (kind === 'remove container') return yield* runtime.removeContainer({ containerId: id });
  if (kind === 'create') {
    yield* image.pullImage({ image: { image: session.image } });
    const config = containerConfigOf(container, session.image);
    return (yield* runtime.createContainer({ podSandboxId: id, config, sandboxConfig: sandboxConfigOf(pod) })).containerId;
  }
  const { items } = yield* runtime.listPodSandbox({});
  const { containers } = yield* runtime.listContainers({});
  const podOf = new Map(items.map((item) => [item.id, item.metadata.name]));
  return {
    sandboxes: items.map((item) => [item.metadata.name, item.id, item.state === 'SANDBOX_READY'] as const),
    containers: containers.map((one) => [`${podOf.get(one.podSandboxId) ?? '?'}/${one.metadata.name}`, one.id, one.state] as const),
  };
}

function after(state: State, act: CriAct, heard: Heard<Answer>): Possible<State> {
  const { kind, pod, container, id } = act;
  if (kind === 'list')
    return heard.as === 'answer' ? afterList(state, heard.answer as Listed) : heard.as === 'lost' ? [state] : 'what there is can be listed';
  const sandbox = state[pod];
  if (kind === 'run') {
    if (heard.as === 'refusal') return sandbox ? [state] : `${pod} has no sandbox, so it can have one`;
    if (sandbox) return `${pod} has a sandbox already`;
    if (heard.as === 'answer') return [put(state, pod, { id: heard.answer as string, ready: true, containers: {} })];
    // What ends it in between may leave a sandbox that is not ready, which a kubelet removes.
    return [true, false].map((ready) => put(state, pod, { id: '', ready, containers: {} }));
  }
  if (kind === 'stop' || kind === 'remove') {
    if (heard.as === 'refusal') return `${kind === 'stop' ? 'StopPodSandbox' : 'RemovePodSandbox'} succeeds, also when it is repeated`;
    if (sandbox?.id !== id) return [state];
    // A removal stops first: what ends it in between leaves a sandbox that is stopped.
    if (kind === 'remove' && heard.as === 'lost') return [without(state, pod), put(state, pod, stopped(sandbox))];
    return [kind === 'remove' ? without(state, pod) : put(state, pod, stopped(sandbox))];
  }
  if (kind === 'create') {
    const there = sandbox?.id === id ? sandbox : undefined;
    const isPossible = there?.ready === true && there.containers[container] === undefined;
    if (heard.as === 'refusal') return isPossible ? `${pod}/${container} can be created` : [state];
    if (!isPossible)
      return `${pod}/${container} cannot be created: ${there ? (there.ready ? 'there is one' : 'its sandbox is stopped') : 'its sandbox is gone'}`;
    const made: Container = { id: heard.as === 'answer' ? (heard.answer as string) : '', state: 'created' };
    return [put(state, pod, { ...there, containers: sortedBy({ ...there.containers, [container]: made }) })];
  }
  const known = sandbox?.containers[container];
  const one = known?.id === id ? known : undefined;
  const set = (next: Container | undefined): State => {
    const { [container]: _, ...others } = sandbox?.containers ?? {};
    return put(state, pod, { ...(sandbox as Sandbox), containers: sortedBy(next ? { ...others, [container]: next } : others) });
  };
  if (kind === 'start') {
    if (one?.state === 'ended unstarted') return heard.as === 'answer' ? [set({ ...one, state: 'running' })] : [state];
    const isPossible = one?.state === 'created' && sandbox?.ready === true;
    if (heard.as === 'refusal') return isPossible ? `${pod}/${container} can be started` : [state];
    // A start that fails late leaves a container that has ended.
    if (isPossible && heard.as === 'lost') return [set({ ...one, state: 'running' }), set({ ...one, state: 'ended' })];
    return isPossible ? [set({ ...one, state: 'running' })] : `${pod}/${container} cannot be started: it is ${one?.state ?? 'gone'}`;
  }
  if (heard.as === 'refusal')
    return `${kind === 'stop container' ? 'StopContainer' : 'RemoveContainer'} succeeds, also when it is repeated`;
  if (!one) return [state];
  const end = set({ ...one, state: ended(one.state) });
  if (kind === 'stop container') return [end];
  return heard.as === 'lost' ? [set(undefined), end] : [set(undefined)];
}

/** Each that is known is shown as it is; what nobody has heard of yet gets its id here, or is not there. */
function afterList(state: State, { sandboxes, containers }: Listed): Possible<State> {
  let next: State = {};
  let count = 0;
  for (const [pod, sandbox] of Object.entries(state)) {
    const shown = sandboxes.find(([name, id]) => name === pod && (sandbox.id === '' || id === sandbox.id));
    if (!shown) return `the sandbox of ${pod} is listed`;
    if (shown[2] !== sandbox.ready) return `the sandbox of ${pod} is ${sandbox.ready ? '' : 'not '}ready`;
    const inside: Record<string, Container> = {};
    for (const [name, one] of Object.entries(sandbox.containers)) {
      count += 1;
      const [, id, status] = containers.find(([key, other]) => key === `${pod}/${name}` && (one.id === '' || other === one.id)) ?? [];
      if (id === undefined) return `container ${pod}/${name} is listed`;
      if (!SHOWN[one.state].includes(status ?? '')) return `container ${pod}/${name} is ${one.state}, not ${status}`;
      inside[name] = { ...one, id };
    }
    next = put(next, pod, { ...sandbox, id: shown[1], containers: inside });
  }
  if (sandboxes.length !== Object.keys(state).length) return `there are ${Object.keys(state).length} sandboxes, not ${sandboxes.length}`;
  return containers.length === count ? [next] : `there are ${count} containers, not ${containers.length}`;
}

const SHOWN: Readonly<Record<Container['state'], readonly string[]>> = {
  created: ['CONTAINER_CREATED'],
  running: ['CONTAINER_RUNNING'],
  ended: ['CONTAINER_EXITED'],
  'ended unstarted': ['CONTAINER_CREATED', 'CONTAINER_EXITED'],
};

const ended = (state: Container['state']): Container['state'] =>
  state === 'created' || state === 'ended unstarted' ? 'ended unstarted' : 'ended';

function stopped(sandbox: Sandbox): Sandbox {
  const containers = Object.entries(sandbox.containers).map(([name, one]) => [name, { ...one, state: ended(one.state) }] as const);
  return { ...sandbox, ready: false, containers: Object.fromEntries(containers) };
}

const put = (state: State, pod: string, sandbox: Sandbox): State => sortedBy({ ...state, [pod]: sandbox });

function without(state: State, pod: string): State {
  const { [pod]: _, ...others } = state;
  return others;
}
