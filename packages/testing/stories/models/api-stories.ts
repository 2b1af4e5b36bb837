import type { ApiServer, DeleteResponse, ListResponse } from '@slipway/client';
import { type Client, codeOf, type Process, seconds, sleep } from '@slipway/kernel';
import type { KubeObject, Stored } from '@slipway/kube';
import fc from 'fast-check';
import { ApiWatcher } from './api-watcher.ts';
import type { Heard, Possible, StoryModel } from '../model.ts';
import { sortedBy } from './sorted-by.ts';

/** What clients know: the objects as they last saw them, and what a watch has shown. */
export interface ApiSession {
  readonly api: Client<ApiServer>;
  readonly seen: Map<string, { readonly resourceVersion: string; readonly uid: string }>;
  /** The uid of the first object that had the name: whoever goes by it may mean one that is gone. */
  readonly first: Map<string, string>;
  /** Revisions of writes that were answered. */
  readonly written: Set<string>;
  readonly watcher: ApiWatcher;
}

type Kind = 'create' | 'generate' | 'get' | 'update' | 'patch' | 'delete' | 'hold' | 'release' | 'list' | 'watched';

export interface ApiWish {
  readonly kind: Kind;
  readonly name: string;
  readonly value: string;
  /** Whether the client names the version, or the uid, that it saw last. */
  readonly names: boolean;
}

export interface ApiAct extends ApiWish {
  readonly resourceVersion?: string;
  readonly uid?: string;
}

/** `null`: nobody has heard it. */
interface Entry {
  readonly resourceVersion: string | null;
  readonly uid: string | null;
  readonly value: string;
  readonly held: boolean;
  readonly deleting: boolean;
}

interface State {
  readonly objects: Readonly<Record<string, Entry>>;
  /** Objects of generated names that nobody has heard, by their value. */
  readonly ghosts: readonly string[];
  /** The newest revision that was heard. */
  readonly last: number;
}

interface Watched {
  readonly objects: Readonly<Record<string, string>>;
  readonly mistakes: readonly string[];
  readonly missed: readonly string[];
}

type Answer = Stored<KubeObject> | ListResponse | DeleteResponse | Watched | { readonly absent: true };

const LABEL = 'slipway.dev/story';
const HOLD = 'slipway.dev/hold';
const WHERE = { resource: 'configmaps', namespace: 'default' };
const SELECTION = { ...WHERE, labelSelector: `${LABEL}=yes` };
const PREFIX = 'generated-';

export const apiSession = (api: Client<ApiServer>): ApiSession => ({
  api,
  seen: new Map(),
  first: new Map(),
  written: new Set(),
  watcher: new ApiWatcher(),
});

/** Begins to watch; comes back once the watch is open. What runs on belongs to the caller's owner: spawn it. */
export function followApi({ api, watcher }: ApiSession, ready: () => void): Process {
  return watcher.follow(api, SELECTION, ready);
}

/**
 * An API server as its clients use it: objects created, by name and by a generated one, read, changed with and without a version,
 * patched, held by a finalizer, released and deleted, by one client or several. Revisions grow by every write, a stale write is refused,
 * a finalizer holds what is deleted, and a watch shows every write once, in order. Kubernetes 1.36, "API Concepts".
 */
export const apiStories: StoryModel<ApiSession, State, ApiWish, ApiAct, Answer> = {
  wishes: () =>
    fc.record({
      kind: fc.constantFrom<Kind>(
        ...([
          'create',
          'create',
          'create',
          'get',
          'update',
          'update',
          'patch',
          'delete',
          'delete',
          'hold',
          'release',
          'list',
          'generate',
        ] as const),
      ),
      name: fc.constantFrom('a', 'b'),
      value: fc.constantFrom('0', '1', '2'),
      names: fc.boolean(),
    }),
  start: { objects: {}, ghosts: [], last: 0 },
  resolve({ seen, first }, wish) {
    const known = seen.get(wish.name);
    if (wish.kind === 'update') return known === undefined ? undefined : { ...wish, ...known };
    if (wish.kind === 'delete' && wish.names) return known === undefined ? undefined : { ...wish, uid: first.get(wish.name) ?? known.uid };
    return wish;
  },
  print({ kind, name, value, resourceVersion, uid }) {
    if (kind === 'list' || kind === 'watched') return kind === 'list' ? 'list' : 'what the watch has shown';
    if (kind === 'generate') return `create ${PREFIX}* with ${value}`;
    const what = kind === 'create' || kind === 'update' || kind === 'patch' ? ` with ${value}` : '';
    return `${kind} ${name}${what}${resourceVersion === undefined ? '' : ` at ${resourceVersion}`}${uid === undefined || kind !== 'delete' ? '' : ` of uid ${uid}`}`;
  },
  perform,
  learn({ seen, first, written }, { kind }, answer) {
    if (kind === 'list') for (const { metadata } of (answer as ListResponse).items) seen.set(metadata.name, metadata);
    if (kind === 'list' || kind === 'watched' || kind === 'delete' || 'absent' in answer) return;
    const { metadata } = answer as Stored<KubeObject>;
    seen.set(metadata.name, metadata);
    if (!first.has(metadata.name)) first.set(metadata.name, metadata.uid);
    if (kind === 'create' || kind === 'generate') written.add(metadata.resourceVersion);
  },
  after,
  repair: (act) => [{ ...act, kind: act.kind === 'generate' ? 'list' : 'get' }],
  closing: (_, done) => (['list', 'watched'] as const).map((kind): ApiAct => ({ kind, name: '', value: '', names: false }))[done],
};

const objectOf = ({ name, value }: Pick<ApiAct, 'name' | 'value'>, metadata: object = { name }): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'default', labels: { [LABEL]: 'yes' }, ...metadata },
    data: { value },
  }) as unknown as KubeObject;

function* perform({ api, watcher, written }: ApiSession, act: ApiAct): Process<Answer> {
  const { kind, name, value, resourceVersion, uid } = act;
  switch (kind) {
    case 'create':
      return yield* api.create({ ...WHERE, object: objectOf(act) });
    case 'generate':
      return yield* api.create({ ...WHERE, object: objectOf(act, { generateName: PREFIX }) });
    case 'get':
      try {
        return yield* api.get({ ...WHERE, name });
      } catch (error) {
        // That it is not there is what was asked.
        if (codeOf(error) === 'NotFound') return { absent: true };
        throw error;
      }
    case 'update':
      return yield* update(api, act, resourceVersion ?? '');
    case 'patch':
      return yield* api.patch({ ...WHERE, name, patch: { data: { value } } });
    case 'hold':
      return yield* api.patch({ ...WHERE, name, patch: { metadata: { finalizers: [HOLD] } } });
    case 'release':
      return yield* api.patch({ ...WHERE, name, patch: { metadata: { finalizers: null } } });
    case 'delete':
      return yield* api.delete({ ...WHERE, name, ...(uid === undefined ? {} : { preconditions: { uid } }) });
    case 'list':
      return yield* api.list(SELECTION);
    default:
      // Watches may lag behind; they are given time.
      yield* sleep(seconds(60));
      return {
        objects: Object.fromEntries(watcher.objects),
        mistakes: watcher.mistakes,
        missed: watcher.gap ? [] : [...written].filter((revision) => !watcher.revisions.has(revision)),
      };
  }
}

/** A client changes what it read, finalizers and all. The version says what it believes to change. */
function* update(api: Client<ApiServer>, act: ApiAct, resourceVersion: string): Process<Answer> {
  let finalizers: readonly string[] | undefined;
  try {
    finalizers = (yield* api.get({ ...WHERE, name: act.name })).metadata.finalizers;
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
  const metadata = { name: act.name, resourceVersion, ...(finalizers === undefined ? {} : { finalizers }) };
  return yield* api.update({ ...WHERE, object: objectOf(act, metadata) });
}

function after(state: State, act: ApiAct, heard: Heard<Answer>): Possible<State> {
  const { kind, name, value, resourceVersion, uid } = act;
  const code = heard.as === 'refusal' ? heard.code : undefined;
  const entry = state.objects[name];
  const must = (wanted: string): Possible<State> => (code === wanted ? [state] : `it is refused with ${wanted}`);
  if (kind === 'list') return afterList(state, heard);
  if (kind === 'watched') return heard.as === 'answer' ? afterWatch(state, heard.answer as Watched) : 'what was watched is known';
  if (kind === 'generate') return afterGenerate(state, value, heard);
  if (kind === 'get') return afterGet(state, name, heard);
  if (kind === 'create') {
    if (entry) return heard.as === 'lost' ? [state] : must('AlreadyExists');
    if (heard.as === 'refusal') return `there is no ${name}, so it can be created`;
    return written(state, name, { resourceVersion: null, uid: null, value, held: false, deleting: false }, heard);
  }
  if (!entry) return heard.as === 'lost' ? [state] : must('NotFound');
  if (kind === 'delete') return afterDelete(state, name, entry, uid, heard);
  if (kind === 'update' && entry.resourceVersion !== resourceVersion) return heard.as === 'lost' ? [state] : must('Conflict');
  if (heard.as === 'refusal') return `${kind} of ${name} is not refused`;
  const next: Entry = {
    ...entry,
    value: kind === 'update' || kind === 'patch' ? value : entry.value,
    held: kind === 'hold' || (entry.held && kind !== 'release'),
  };
  if (next.value === entry.value && next.held === entry.held) return unchanged(state, name, entry, heard);
  if (next.deleting && !next.held) {
    const { [name]: _, ...others } = state.objects;
    return [{ ...state, objects: others }];
  }
  return written(state, name, next, heard);
}

/** The object with a revision that is newer than all before. */
function written(state: State, name: string, next: Entry, heard: Heard<Answer>): Possible<State> {
  if (heard.as !== 'answer') return [{ ...state, objects: sortedBy({ ...state.objects, [name]: { ...next, resourceVersion: null } }) }];
  const { resourceVersion, uid } = (heard.answer as Stored<KubeObject>).metadata;
  if (Number(resourceVersion) <= state.last) return `revision ${resourceVersion} is newer than ${state.last}`;
  if (next.uid !== null && next.uid !== uid) return `${name} keeps its uid`;
  const objects = sortedBy({ ...state.objects, [name]: { ...next, resourceVersion, uid } });
  return [{ ...state, objects, last: Number(resourceVersion) }];
}

/** A write that changes nothing is none. */
function unchanged(state: State, name: string, entry: Entry, heard: Heard<Answer>): Possible<State> {
  if (heard.as !== 'answer') return [state];
  const { resourceVersion, uid } = (heard.answer as Stored<KubeObject>).metadata;
  if (entry.resourceVersion !== null && entry.resourceVersion !== resourceVersion)
    return `nothing changes, so the revision is still ${entry.resourceVersion}, not ${resourceVersion}`;
  return learned(state, name, { ...entry, resourceVersion, uid });
}

function learned(state: State, name: string, entry: Entry): Possible<State> {
  const last = Math.max(state.last, Number(entry.resourceVersion));
  return [{ ...state, objects: sortedBy({ ...state.objects, [name]: entry }), last }];
}

function afterDelete(state: State, name: string, entry: Entry, uid: string | undefined, heard: Heard<Answer>): Possible<State> {
  const isOther = uid !== undefined && entry.uid !== null && entry.uid !== uid;
  if (isOther)
    return heard.as === 'lost' || (heard.as === 'refusal' && heard.code === 'Conflict')
      ? [state]
      : 'it is refused with Conflict: that is another one';
  // Whether an object whose uid nobody heard is the one that is meant is not known.
  if (heard.as === 'refusal') return uid !== undefined && entry.uid === null ? [state] : `${name} can be deleted`;
  const { [name]: _, ...others } = state.objects;
  const gone = !entry.held;
  if (heard.as === 'answer' && (heard.answer as DeleteResponse).gone !== gone)
    return `${name} is ${gone ? 'gone at once' : 'held by its finalizer'}`;
  if (gone) return [{ ...state, objects: others }];
  if (entry.deleting) return [state];
  const next = { ...entry, deleting: true };
  return heard.as === 'answer'
    ? written(state, name, next, { as: 'answer', answer: (heard.answer as DeleteResponse).object })
    : written(state, name, next, heard);
}

function afterGet(state: State, name: string, heard: Heard<Answer>): Possible<State> {
  const entry = state.objects[name];
  if (heard.as === 'lost') return [state];
  if (heard.as === 'refusal') return `${name} can be asked for`;
  if ('absent' in heard.answer) return entry ? `${name} is there` : [state];
  if (!entry) return `${name} is not there`;
  const wrong = differs(name, entry, heard.answer as Stored<KubeObject>);
  if (wrong !== undefined) return wrong;
  const { resourceVersion, uid } = (heard.answer as Stored<KubeObject>).metadata;
  return learned(state, name, { ...entry, resourceVersion, uid });
}

/** What is wrong with an object as it is shown. */
function differs(name: string, entry: Entry, shown: Stored<KubeObject>): string | undefined {
  const { metadata, data } = shown as Stored<KubeObject> & { readonly data?: { readonly value?: string } };
  if (data?.value !== entry.value) return `${name} has ${entry.value}, not ${data?.value}`;
  if ((metadata.finalizers?.includes(HOLD) ?? false) !== entry.held) return `${name} is ${entry.held ? '' : 'not '}held by a finalizer`;
  if ((metadata.deletionTimestamp !== undefined) !== entry.deleting) return `${name} is ${entry.deleting ? '' : 'not '}being deleted`;
  const { resourceVersion } = entry;
  if (resourceVersion !== null && resourceVersion !== metadata.resourceVersion)
    return `${name} is at revision ${resourceVersion}, not ${metadata.resourceVersion}`;
  return undefined;
}

function afterGenerate(state: State, value: string, heard: Heard<Answer>): Possible<State> {
  if (heard.as === 'refusal') return 'a name can be generated';
  if (heard.as === 'lost') return [{ ...state, ghosts: [...state.ghosts, value].sort() }];
  const { name } = (heard.answer as Stored<KubeObject>).metadata;
  if (!name.startsWith(PREFIX) || state.objects[name]) return `${name} is a new name that begins with ${PREFIX}`;
  return written(state, name, { resourceVersion: null, uid: null, value, held: false, deleting: false }, heard);
}

function afterList(state: State, heard: Heard<Answer>): Possible<State> {
  if (heard.as === 'lost') return [state];
  if (heard.as === 'refusal') return 'objects can be listed';
  const { items, resourceVersion } = heard.answer as ListResponse;
  if (Number(resourceVersion) < state.last) return `the list is at least as new as ${state.last}`;
  const names = items.map(({ metadata }) => metadata.name);
  if ([...names].sort().join() !== names.join()) return `the list is in the order of names, not ${names.join(', ')}`;
  let objects = state.objects;
  const ghosts = [...state.ghosts];
  for (const item of items) {
    const { name, uid, resourceVersion: revision } = item.metadata;
    const entry = state.objects[name];
    const { value = '' } = (item as KubeObject & { readonly data?: { readonly value?: string } }).data ?? {};
    const ghost = ghosts.indexOf(value);
    if (!entry && (ghost < 0 || !name.startsWith(PREFIX))) return `${name} is not there`;
    if (!entry) ghosts.splice(ghost, 1);
    const known: Entry = entry ?? { resourceVersion: null, uid: null, value, held: false, deleting: false };
    const wrong = differs(name, known, item);
    if (wrong !== undefined) return wrong;
    objects = { ...objects, [name]: { ...known, uid, resourceVersion: revision } };
  }
  const missing = Object.keys(state.objects).find((name) => !names.includes(name));
  if (missing !== undefined || ghosts.length > 0) return `${missing ?? 'what was created'} is listed`;
  return [{ objects: sortedBy(objects), ghosts, last: Math.max(state.last, Number(resourceVersion)) }];
}

function afterWatch(state: State, { objects, mistakes, missed }: Watched): Possible<State> {
  if (mistakes[0] !== undefined) return `a watch shows each write once, in order, not ${mistakes[0]}`;
  if (missed[0] !== undefined) return `a watch shows every write, also revision ${missed[0]}`;
  const names = Object.keys(objects).sort();
  if (names.join() !== Object.keys(state.objects).join())
    return `the watch ends with ${Object.keys(state.objects).join(', ') || 'nothing'}, not ${names.join(', ') || 'nothing'}`;
  for (const [name, { resourceVersion }] of Object.entries(state.objects))
    if (resourceVersion !== null && objects[name] !== resourceVersion)
      return `the watch ends with ${name} at ${resourceVersion}, not ${objects[name]}`;
  return [state];
}
