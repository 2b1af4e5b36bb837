import type { CloudApi, CloudDisk } from '@slipway/cloud';
import type { CloudSubject } from '@slipway/cloud/conformance';
import { type Client, codeOf, type Process, seconds, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import type { Heard, Possible, StoryModel } from '../model.ts';

/** What a driver knows of its cloud: machines of one zone, and the disk of each order. */
export interface CloudSession {
  readonly cloud: Client<CloudApi>;
  /** By the token of the order. */
  readonly disks: Map<string, string>;
  machines: readonly { readonly instanceId: string; readonly zone: string }[] | undefined;
}

type Kind = 'order' | 'attach' | 'detach' | 'delete' | 'list';

export interface CloudWish {
  readonly kind: Kind;
  readonly token: string;
  readonly at: number;
}

export interface CloudAct extends CloudWish {
  /** Left out: of `order` and `list`. */
  readonly volumeId?: string;
}

/** `id`: left out while nobody has heard it; `at`: the machine that has it. */
interface Disk {
  readonly token: string;
  readonly id?: string;
  readonly at?: number;
}

type State = readonly Disk[];

export const cloudSession = ({ cloud }: Pick<CloudSubject, 'cloud'>): CloudSession => ({ cloud, disks: new Map(), machines: undefined });

/** How long a disk is waited for: longer than a cloud takes, or than it is throttled. */
const PATIENCE_SECONDS = 300;

/**
 * The disks of a cloud as drivers use them: ordered by a token, which makes one disk however often it comes, attached to one machine at
 * a time, and waited for. One driver has a disk in hand at a time.
 */
export const cloudStories: StoryModel<CloudSession, State, CloudWish, CloudAct, CloudDisk | readonly string[] | object> = {
  wishes: () =>
    fc.record({
      kind: fc.constantFrom<Kind>('order', 'order', 'attach', 'attach', 'detach', 'delete', 'list'),
      token: fc.constantFrom('disk-0', 'disk-1'),
      at: fc.nat({ max: 1 }),
    }),
  start: [],
  resolve({ disks }, wish, client) {
    if (wish.kind === 'list') return client === undefined ? wish : undefined;
    // A token is good for one disk: what is deleted is not ordered again by it.
    if (wish.kind === 'order') return disks.get(wish.token) === '' ? undefined : wish;
    const token = client === undefined ? wish.token : `disk-${client}`;
    const volumeId = disks.get(token);
    return volumeId === undefined || volumeId === '' ? undefined : { ...wish, token, volumeId };
  },
  print({ kind, token, at }) {
    if (kind === 'list') return 'list disks';
    return kind === 'attach' ? `attach ${token} to machine ${at + 1}` : `${kind} ${token}`;
  },
  perform,
  learn({ disks }, { kind, token }, answer) {
    if (kind === 'order') disks.set(token, (answer as CloudDisk).volumeId);
    if (kind === 'delete') disks.set(token, '');
  },
  after,
  repair: (act) => (act.kind === 'delete' || act.kind === 'detach' ? [{ ...act, kind: 'list' }] : [act]),
  closing: (_, done) => (done === 0 ? { kind: 'list', token: '', at: 0 } : undefined),
};

function* perform(session: CloudSession, { kind, token, at, volumeId = '' }: CloudAct): Process<CloudDisk | object> {
  const { cloud } = session;
  if (session.machines === undefined) {
    const { instances } = yield* cloud.describeInstances({});
    session.machines = instances.filter(({ zone }) => zone === instances[0]?.zone);
  }
  const machine = session.machines[at];
  if (kind === 'list') {
    const { volumes } = yield* cloud.describeVolumes({});
    return volumes.filter(({ state }) => state !== 'deleting').map((disk) => [disk.volumeId, whereIs(session, disk)] as const);
  }
  if (kind === 'order') {
    const { volume } = yield* cloud.createVolume({ clientToken: token, zone: session.machines[0]?.zone ?? '', sizeGiB: 10 });
    return (yield* settled(cloud, volume.volumeId)) ?? volume;
  }
  if (kind === 'attach') yield* cloud.attachVolume({ volumeId, instanceId: machine?.instanceId ?? '' });
  else if (kind === 'detach') yield* cloud.detachVolume({ volumeId });
  else return yield* cloud.deleteVolume({ volumeId });
  return (yield* settled(cloud, volumeId)) ?? {};
}

/** Index of the machine that has the disk; -1: none. */
function whereIs({ machines = [] }: CloudSession, { attachments: [attachment] }: CloudDisk): number {
  return attachment ? machines.findIndex(({ instanceId }) => instanceId === attachment.instanceId) : -1;
}

/** Asks each second until nothing is on its way. Undefined: it is gone, or never gets there. */
function* settled(cloud: Client<CloudApi>, volumeId: string): Process<CloudDisk | undefined> {
  for (let second = 0; second < PATIENCE_SECONDS; second += 1) {
    try {
      const {
        volumes: [disk],
      } = yield* cloud.describeVolumes({ volumeIds: [volumeId] });
      const [attachment] = disk?.attachments ?? [];
      if (disk && disk.state !== 'creating' && (attachment === undefined || attachment.state === 'attached')) return disk;
    } catch (error) {
      if (codeOf(error) === 'InvalidVolume.NotFound') return undefined;
      throw error;
    }
    yield* sleep(seconds(1));
  }
  return undefined;
}

function after(
  state: State,
  { kind, token, at, volumeId }: CloudAct,
  heard: Heard<CloudDisk | readonly string[] | object>,
): Possible<State> {
  if (kind === 'list')
    return heard.as === 'answer'
      ? afterList(state, heard.answer as readonly (readonly [string, number])[])
      : heard.as === 'lost'
        ? [state]
        : 'disks can be listed';
  const known = state.find((disk) => disk.token === token);
  const others = state.filter((disk) => disk !== known);
  const put = (disk: Disk): State => [...others, disk].sort((a, b) => (a.token < b.token ? -1 : 1));
  if (kind === 'order') {
    if (heard.as === 'refusal') return 'a disk can be ordered, again too';
    if (heard.as === 'lost') return [known ? state : put({ token })];
    const { volumeId: id } = heard.answer as CloudDisk;
    if (known?.id !== undefined && known.id !== id) return `the order ${token} made ${known.id}, not ${id}`;
    const taken = others.find((disk) => disk.id === id);
    return taken ? `${id} was made by the order ${taken.token}` : [put({ ...known, token, id })];
  }
  const there = known?.id === volumeId ? known : undefined;
  if (!there) return heard.as === 'answer' ? `${token} is deleted` : [state];
  const isElsewhere = there.at !== undefined && there.at !== at;
  if (kind === 'attach') {
    if (heard.as === 'refusal') return isElsewhere ? [state] : `${token} can be attached`;
    return isElsewhere ? `${token} is at machine ${(there.at ?? 0) + 1}` : [put({ ...there, at })];
  }
  if (kind === 'detach') {
    if (heard.as === 'refusal') return there.at === undefined ? [state] : `${token} can be detached`;
    const { at: _, ...detached } = there;
    return there.at === undefined && heard.as === 'answer' ? `${token} is attached nowhere` : [put(detached)];
  }
  if (heard.as === 'refusal') return there.at === undefined ? `${token} is attached nowhere, so it can be deleted` : [state];
  return there.at === undefined ? [others] : `${token} is attached, so it cannot be deleted`;
}

/** Each disk is where it should be, and there is no other; what nobody has heard of gets its id here. */
function afterList(state: State, listed: readonly (readonly [id: string, at: number])[]): Possible<State> {
  const next: Disk[] = [];
  let unknown = listed.filter(([id]) => !state.some((disk) => disk.id === id));
  for (const disk of state) {
    const shown = disk.id === undefined ? unknown[0] : listed.find(([id]) => id === disk.id);
    if (!shown) return `the disk of ${disk.token} is listed`;
    if ((disk.at ?? -1) !== shown[1]) return `${disk.token} is ${disk.at === undefined ? 'attached nowhere' : `at machine ${disk.at + 1}`}`;
    // Which of several that nobody has heard of it is, is not known; repeating the order tells.
    if (disk.id === undefined) unknown = unknown.slice(1);
    next.push(disk);
  }
  return unknown.length > 0 ? `there are ${state.length} disks, not ${listed.length}` : [next];
}
