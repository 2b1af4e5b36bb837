import type {
  ControllerPublishVolumeResponse,
  CsiController,
  CreateVolumeRequest,
  ListVolumesResponse,
  Topology,
  Volume,
} from '@slipway/csi';
import type { CsiSubject } from '@slipway/csi/conformance';
import type { Client, Process } from '@slipway/kernel';
import fc from 'fast-check';
import { CsiKubelets, type Found, type NodeCall } from './csi-node-calls.ts';
import type { Heard, Possible, StoryModel } from '../model.ts';

/** What the external side-cars know of a driver: which volume has which name, and where its nodes are. */
export interface CsiSession {
  readonly subject: CsiSubject;
  /** By name, of the newest volume that had it; it stays when the volume is deleted. */
  readonly volumes: Map<string, Volume>;
  /** By index of the node; there once it was asked. */
  readonly nodes: Map<number, { readonly nodeId: string; readonly topology: Topology | undefined }>;
  readonly kubelets: CsiKubelets;
  /** Ids of volumes that were to be deleted since they were made: nobody gives those to a node. */
  readonly gone: Set<string>;
  capabilities: ReadonlySet<string> | undefined;
}

type Kind = 'create' | 'delete' | 'attach' | 'detach' | 'list' | NodeCall;

const UP: readonly Kind[] = ['publish', 'publish', 'publish', 'publish'];
const NODE_CALLS: readonly string[] = ['stage', 'publish', 'unpublish', 'unstage'] satisfies NodeCall[];
const isNodeCall = (kind: Kind): kind is NodeCall => NODE_CALLS.includes(kind);

export interface CsiWish {
  readonly kind: Kind;
  readonly name: string;
  readonly at: number;
  /** What a workload writes. */
  readonly text?: string;
}

export interface CsiAct extends CsiWish {
  /** Left out: of `create` and `list`. */
  readonly volumeId?: string;
}

/** `id`: left out while nobody has heard it. */
interface Known {
  readonly name: string;
  readonly id?: string;
  readonly at?: number;
  /** What was last written into it. */
  readonly text?: string;
}

/** By name; a name is in use once at a time. */
type State = readonly Known[];

/** A volume, a list, nothing to speak of, or `skipped` for what the driver does not do. */
type Answer = object;

export const csiSession = (subject: CsiSubject): CsiSession => ({
  subject,
  volumes: new Map(),
  nodes: new Map(),
  kubelets: new CsiKubelets(subject),
  gone: new Set(),
  capabilities: undefined,
});

/**
 * A storage driver as its side-cars use it: volumes made by name, given to nodes, taken back and deleted, with each call repeated until
 * it is answered. CSI 1.12: a repeated call is the same call, one name is one volume, ABORTED means that one is under way.
 */
export const csiStories: StoryModel<CsiSession, State, CsiWish, CsiAct, Answer> = {
  wishes(alone) {
    const name = fc.constantFrom('volume-0', 'volume-0', 'volume-1');
    const kinds: Kind[] = alone
      ? // Most wishes go on to a published volume, and half of what goes wrong does so around it.
        [...UP, ...UP, 'create', 'attach', 'attach', 'stage', 'unpublish', 'unpublish', 'unpublish', 'unstage', 'detach', 'delete', 'list']
      : ['create', 'create', 'attach', 'detach', 'delete'];
    return fc.record({ kind: fc.constantFrom(...kinds), name, at: fc.nat({ max: 1 }), text: fc.constantFrom('x', 'y') });
  },
  start: [],
  resolve,
  print({ kind, name, at, text }) {
    if (kind === 'list') return 'listVolumes';
    if (kind === 'attach' || kind === 'detach') return `${kind} ${name} ${kind === 'attach' ? 'to' : 'from'} node ${at + 1}`;
    if (kind === 'publish') return `publish ${name}, read it and write ${text}`;
    return isNodeCall(kind) ? `${kind} ${name}` : `${kind}Volume ${name}`;
  },
  perform,
  learn({ volumes, kubelets, gone }, { kind, name, at, volumeId = '' }, answer) {
    if (kind === 'create') {
      volumes.set(name, answer as Volume);
      gone.delete((answer as Volume).volumeId);
    }
    const volume = volumes.get(name);
    // A driver that attaches nothing does not say that there is no such volume.
    if (kind === 'attach' && volume?.volumeId === volumeId && !('skipped' in answer && gone.has(volumeId))) {
      const { publishContext = {} } = answer as ControllerPublishVolumeResponse;
      kubelets.attached(volume, at, publishContext);
    }
    if (kind === 'detach') kubelets.detached(volumeId, at);
    if (kind === 'delete') kubelets.detached(volumeId);
    if (isNodeCall(kind)) kubelets.done(kind, volumeId);
  },
  after,
  isBusy: (code) => code === 'ABORTED' || code === 'UNAVAILABLE',
  closing({ volumes }, done) {
    // First what there is, then everything put away, then nothing may be left.
    const list: CsiAct = { kind: 'list', name: '', at: 0 };
    const steps = [...volumes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, { volumeId }]): CsiAct[] => [
        { kind: 'unpublish', name, at: 0, volumeId },
        { kind: 'unstage', name, at: 0, volumeId },
        { kind: 'detach', name, at: 0, volumeId },
        { kind: 'detach', name, at: 1, volumeId },
        { kind: 'delete', name, at: 0, volumeId },
      ]);
    return [list, ...steps, list][done];
  },
};

/** The call, or the one that has to come before it, as controllers and kubelets keep the order. */
function resolve(session: CsiSession, wish: CsiWish): CsiAct | undefined {
  const { volumes, kubelets, gone } = session;
  const { kind, name } = wish;
  if (kind === 'create' || kind === 'list') return wish;
  const volumeId = volumes.get(name)?.volumeId;
  if (volumeId === undefined) return kind === 'publish' ? { ...wish, kind: 'create' } : undefined;
  const act = { ...wish, volumeId };
  if (kind === 'attach') return act;
  if (kind === 'detach' || kind === 'delete') return kubelets.isBusy(volumeId) ? undefined : act;
  const may = (call: NodeCall): boolean => kubelets.may(call, volumeId);
  if (may(kind)) return act;
  if (kind === 'publish') return { ...act, kind: may('stage') ? 'stage' : gone.has(volumeId) ? 'create' : 'attach' };
  return kind === 'unstage' && may('unpublish') ? { ...act, kind: 'unpublish' } : undefined;
}

function* perform(session: CsiSession, { kind, name, at, volumeId = '', text = '' }: CsiAct): Process<Answer> {
  if (isNodeCall(kind)) return yield* session.kubelets.make(kind, volumeId, text);
  const controller = session.subject.controller as Client<CsiController>;
  const has = yield* capabilitiesOf(session, controller);
  if (kind === 'create') return (yield* controller.createVolume(yield* createRequest(session, name))).volume;
  if (kind === 'delete') {
    session.gone.add(volumeId);
    return yield* controller.deleteVolume({ volumeId });
  }
  if (kind === 'list') return has.has('LIST_VOLUMES') ? yield* allOf(controller) : { skipped: true };
  if (!has.has('PUBLISH_UNPUBLISH_VOLUME')) return { skipped: true };
  const { nodeId } = yield* nodeOf(session, at);
  if (kind === 'detach') return yield* controller.controllerUnpublishVolume({ volumeId, nodeId });
  const { volumeContext } = session.volumes.get(name) ?? {};
  const request = { volumeId, nodeId, volumeCapability: capabilityOf(session), readonly: false };
  return yield* controller.controllerPublishVolume({ ...request, ...(volumeContext === undefined ? {} : { volumeContext }) });
}

/** Every page. */
function* allOf(controller: Client<CsiController>): Process<ListVolumesResponse> {
  const entries: NonNullable<ListVolumesResponse['entries']>[number][] = [];
  let startingToken: string | undefined;
  do {
    const page = yield* controller.listVolumes(startingToken === undefined ? {} : { startingToken });
    entries.push(...(page.entries ?? []));
    startingToken = page.nextToken === '' ? undefined : page.nextToken;
  } while (startingToken !== undefined);
  return { entries };
}

const capabilityOf = ({ subject }: CsiSession) =>
  subject.volumeCapability ?? { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' as const } };

function* createRequest(session: CsiSession, name: string): Process<CreateVolumeRequest> {
  const { parameters, capacityBytes = 10 * 2 ** 30 } = session.subject;
  const { topology } = yield* nodeOf(session, 0);
  return {
    name,
    capacityRange: { requiredBytes: capacityBytes },
    volumeCapabilities: [capabilityOf(session)],
    ...(parameters === undefined ? {} : { parameters }),
    ...(topology === undefined ? {} : { accessibilityRequirements: { requisite: [topology], preferred: [topology] } }),
  };
}

function* nodeOf(session: CsiSession, at: number): Process<{ readonly nodeId: string; readonly topology: Topology | undefined }> {
  const known = session.nodes.get(at);
  if (known) return known;
  const node = session.subject.nodes[at]?.node;
  if (!node) return { nodeId: `node-${at + 1}`, topology: undefined };
  const { nodeId, accessibleTopology } = yield* node.nodeGetInfo({});
  const found = { nodeId, topology: accessibleTopology };
  session.nodes.set(at, found);
  return found;
}

function* capabilitiesOf(session: CsiSession, controller: Client<CsiController>): Process<ReadonlySet<string>> {
  if (session.capabilities) return session.capabilities;
  const { capabilities = [] } = yield* controller.controllerGetCapabilities({});
  session.capabilities = new Set(capabilities.map(({ rpc }) => rpc.type));
  return session.capabilities;
}

function after(state: State, act: CsiAct, heard: Heard<Answer>): Possible<State> {
  const { kind, name, at, volumeId, text = '' } = act;
  if (kind === 'create') return afterCreate(state, name, heard);
  if (kind === 'list') return afterList(state, heard);
  const known = state.find(({ id }) => id === volumeId);
  if (heard.as === 'answer' && 'skipped' in heard.answer) return [state];
  const without = state.filter((other) => other !== known);
  const put = (next: Known): State => sorted([...without, next]);
  if (isNodeCall(kind)) {
    if (heard.as === 'refusal') return `${kind} succeeds here, also when it is repeated`;
    const { found = 'none' } = heard.as === 'answer' ? (heard.answer as Partial<Found>) : {};
    if (kind !== 'publish' || found === 'none' || !known) return [state];
    const wanted = known.text ?? null;
    return found === wanted ? [put({ ...known, text })] : `${name} has ${wanted ?? 'no file'}, not ${found ?? 'none'}`;
  }
  if (kind === 'detach') {
    if (heard.as === 'refusal') return `detaching succeeds, also when nothing is attached`;
    if (known?.at !== at) return [state];
    const { at: _, ...detached } = known;
    return [put(detached)];
  }
  if (kind === 'delete') {
    const isUsed = known?.at !== undefined;
    if (heard.as === 'refusal') return isUsed ? [state] : `${name} is in use nowhere, so it can be deleted`;
    return isUsed ? `${name} is on node ${(known?.at ?? 0) + 1}, so it cannot be deleted` : [without];
  }
  if (!known) return heard.as === 'refusal' ? [state] : `${volumeId} is deleted, so it cannot be attached`;
  const isElsewhere = known.at !== undefined && known.at !== at;
  if (heard.as === 'refusal') return isElsewhere ? [state] : `${name} is on no other node, so it can be attached`;
  return isElsewhere ? `${name} is on node ${(known.at ?? 0) + 1}, so no other node can have it` : [put({ ...known, at })];
}

function afterCreate(state: State, name: string, heard: Heard<Answer>): Possible<State> {
  const known = state.find((volume) => volume.name === name);
  if (heard.as === 'refusal') return `a volume is made by its name, or the one that has it is returned`;
  if (heard.as === 'lost') return [known ? state : sorted([...state, { name }])];
  const { volumeId: id } = heard.answer as Volume;
  if (known?.id !== undefined) return known.id === id ? [state] : `${name} is still ${known.id}, not ${id}`;
  const taken = state.find((volume) => volume.id === id);
  if (taken) return `${id} is the volume of ${taken.name}`;
  return [sorted([...state.filter((volume) => volume !== known), { name, id }])];
}

function afterList(state: State, heard: Heard<Answer>): Possible<State> {
  if (heard.as === 'refusal') return 'volumes can be listed';
  if (heard.as === 'lost' || 'skipped' in heard.answer) return [state];
  const listed = (heard.answer as ListVolumesResponse).entries?.map(({ volume }) => volume.volumeId) ?? [];
  const missing = state.find(({ id }) => id !== undefined && !listed.includes(id));
  if (missing) return `${missing.name} is there, so it is listed`;
  if (listed.length !== state.length) return `there are ${state.length} volumes, not ${listed.length}: ${listed.join(', ')}`;
  return [state];
}

const sorted = (state: readonly Known[]): State => [...state].sort((a, b) => (a.name < b.name ? -1 : 1));
