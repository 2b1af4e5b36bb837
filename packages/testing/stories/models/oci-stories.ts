import { type Client, codeOf, milliseconds, type Process, sleep } from '@slipway/kernel';
import type { OciRuntime, State as ContainerState } from '@slipway/oci';
import type { OciSubject } from '@slipway/oci/conformance';
import fc from 'fast-check';
import type { Heard, Possible, StoryModel } from '../model.ts';
import { sortedBy } from './sorted-by.ts';

export interface OciSession {
  readonly runtime: Client<OciRuntime>;
  readonly machine: NonNullable<OciSubject['machine']>;
}

type Kind = 'create' | 'start' | 'kill' | 'delete' | 'state';

export interface OciAct {
  readonly kind: Kind;
  readonly id: string;
}

type Status = 'created' | 'running' | 'stopped';
type State = Readonly<Record<string, Status>>;

/** A process that gets SIGKILL is gone after so long. */
const DYING = milliseconds(50);
const FOREVER = {
  ociVersion: '1.3.0',
  process: { args: ['/conformance/forever'], cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } },
  root: { path: 'rootfs' },
  linux: { namespaces: [{ type: 'pid' as const }, { type: 'mount' as const }, { type: 'network' as const }] },
};

/**
 * A low-level runtime as its callers use it: containers made, started, killed and deleted by id, each id by any client. A lost call is
 * followed by a look at the state. OCI runtime-spec 1.3.0, "Lifecycle", "Operations".
 */
export const ociStories: StoryModel<OciSession, State, OciAct, OciAct, ContainerState | object> = {
  wishes: () =>
    fc.record({
      kind: fc.constantFrom<Kind>('create', 'create', 'start', 'start', 'kill', 'delete', 'state'),
      id: fc.constantFrom('container-0', 'container-1'),
    }),
  start: {},
  resolve: (_, wish) => wish,
  print: ({ kind, id }) => `${kind} ${id}`,
  *perform({ runtime, machine }, { kind, id }): Process<ContainerState | object> {
    if (kind === 'create') return yield* runtime.create({ id, bundle: machine.bundle(FOREVER) });
    if (kind === 'start') return yield* runtime.start({ id });
    if (kind === 'delete') return yield* runtime.delete({ id });
    if (kind === 'kill') {
      const answer = yield* runtime.kill({ id, signal: 'SIGKILL' });
      yield* sleep(DYING);
      return answer;
    }
    try {
      return yield* runtime.state({ id });
    } catch (error) {
      // That it is unknown is what was asked.
      if (codeOf(error) === 'UNKNOWN_CONTAINER') return {};
      throw error;
    }
  },
  learn: () => undefined,
  after,
  repair: ({ id }) => [{ kind: 'state', id }],
  closing: (_, done) => [0, 1].map((index): OciAct => ({ kind: 'state', id: `container-${index}` }))[done],
};

/** From where each call leads where. */
const TABLE: Readonly<Record<Exclude<Kind, 'state'>, { readonly from: readonly (Status | undefined)[]; readonly to: Status | undefined }>> =
  {
    create: { from: [undefined], to: 'created' },
    start: { from: ['created'], to: 'running' },
    kill: { from: ['created', 'running'], to: 'stopped' },
    delete: { from: ['stopped'], to: undefined },
  };

function after(state: State, { kind, id }: OciAct, heard: Heard<ContainerState | object>): Possible<State> {
  const status = state[id];
  if (kind === 'state') {
    if (heard.as === 'lost') return [state];
    if (heard.as === 'refusal') return `the state of ${id} can be asked for`;
    const shown = 'status' in heard.answer ? heard.answer.status : undefined;
    return shown === status ? [state] : `${id} is ${status ?? 'not there'}, not ${shown ?? 'unknown'}`;
  }
  const { from, to } = TABLE[kind];
  const isAllowed = from.includes(status);
  // The spec wants it stopped first; runc ends one that was never started. Both are right.
  if (kind === 'delete' && status === 'created') return heard.as === 'refusal' ? [state] : [without(state, id)];
  if (heard.as === 'refusal') return isAllowed ? `${id} is ${status ?? 'not there'}, so ${kind} succeeds` : [state];
  if (!isAllowed) return `${id} is ${status ?? 'not there'}, so ${kind} is refused`;
  return [to === undefined ? without(state, id) : sortedBy({ ...state, [id]: to })];
}

function without(state: State, id: string): State {
  const { [id]: _, ...others } = state;
  return others;
}
