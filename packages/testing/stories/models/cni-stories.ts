import type { Attachment, DelRequest, Result } from '@slipway/cni';
import type { CniSubject } from '@slipway/cni/conformance';
import type { Process } from '@slipway/kernel';
import fc from 'fast-check';
import type { Heard, Possible, StoryModel } from '../model.ts';
import { sortedBy } from './sorted-by.ts';

/** What a runtime knows of a network plugin: the namespaces that it made, and what it asked for. */
export interface CniSession {
  readonly subject: CniSubject;
  readonly namespaces: Map<string, string>;
  /** By `container/interface`: ADD was called, and no DEL has succeeded since. */
  readonly asked: Map<string, Result | undefined>;
  /** The containers are gone, and their namespaces with them: DEL comes without. */
  isClosing: boolean;
}

export interface CniWish {
  readonly kind: 'add' | 'del' | 'check' | 'gc';
  readonly container: number;
  readonly ifname: string;
  /** Whether a DEL says what ADD answered, which a runtime that was restarted may have lost. */
  readonly remembers: boolean;
}

export interface CniAct {
  readonly kind: CniWish['kind'];
  readonly containerId: string;
  readonly ifname: string;
  readonly remembers: boolean;
}

/** Addresses of whom is in; undefined: nobody heard them. */
interface State {
  readonly capacity: number | undefined;
  readonly attached: Readonly<Record<string, readonly string[] | null>>;
}

export const cniSession = (subject: CniSubject): CniSession => ({ subject, namespaces: new Map(), asked: new Map(), isClosing: false });

const keyOf = ({ containerId, ifname }: Pick<CniAct, 'containerId' | 'ifname'>): string => `${containerId}/${ifname}`;

/**
 * A network plugin as a runtime uses it: a lost ADD is followed by DEL, a lost DEL by another, and never are two calls for one container
 * under way. At the end everybody leaves, and the whole pool must be there again. CNI 1.1.0, "Lifecycle & Ordering".
 *
 * @param capacity how many attachments the pool has addresses for; left out: a leak is not seen
 */
export function cniStories(capacity?: number): StoryModel<CniSession, State, CniWish, CniAct, Result | void> {
  return {
    wishes: (alone) =>
      fc.record({
        kind: alone
          ? fc.constantFrom<CniWish['kind']>('add', 'add', 'add', 'del', 'del', 'check', 'gc')
          : fc.constantFrom('add', 'add', 'del'),
        container: fc.nat({ max: 3 }),
        ifname: fc.constantFrom('eth0', 'eth0', 'net1'),
        remembers: fc.boolean(),
      }),
    start: { capacity, attached: {} },
    resolve({ asked }, { kind, container, ifname, remembers }, client) {
      // Each client has its own containers: calls for one container are never made at once.
      const containerId = `sandbox-${client === undefined ? container : 4 + client * 4 + container}`;
      const act = { kind, containerId, ifname, remembers };
      if (kind === 'add') return asked.has(keyOf(act)) ? undefined : act;
      if (kind === 'check') return asked.get(keyOf(act)) === undefined ? undefined : act;
      return act;
    },
    print: ({ kind, containerId, ifname }) => (kind === 'gc' ? 'GC' : `${kind.toUpperCase()} ${containerId}/${ifname}`),
    perform,
    learn({ asked }, act, answer) {
      if (act.kind === 'add') asked.set(keyOf(act), answer as Result);
      if (act.kind === 'del') asked.delete(keyOf(act));
    },
    after,
    // A runtime that does not know whether an ADD was carried out takes it back. CNI 1.1.0, "DEL".
    repair: (act) => [act.kind === 'add' ? { ...act, kind: 'del' as const } : act],
    isBusy: (code) => code === '11',
    closing(session, done) {
      session.isClosing = true;
      const all = [...new Set([...session.namespaces.keys()])].sort();
      const leave = all.flatMap((containerId) =>
        ['eth0', 'net1'].map((ifname): CniAct => ({ kind: 'del', containerId, ifname, remembers: false })),
      );
      const refill = Array.from({ length: capacity ?? 0 }, (_, index): CniAct => {
        return { kind: 'add', containerId: `last-${index}`, ifname: 'eth0', remembers: false };
      });
      // Those that were refilled have namespaces too; their turn to leave does not come.
      const leaving = leave.filter(({ containerId }) => !containerId.startsWith('last-'));
      return [...leaving, ...refill][done];
    },
  };
}

function* perform(session: CniSession, { kind, containerId, ifname, remembers }: CniAct): Process<Result | void> {
  const { subject, namespaces, asked } = session;
  const { cni, config } = subject;
  if (kind === 'gc') {
    const valid: Attachment[] = [...asked.keys()].sort().map((key) => {
      const [id = '', name = ''] = key.split('/');
      return { containerID: id, ifname: name };
    });
    try {
      return yield* cni.gc({ config: { ...config, 'cni.dev/valid-attachments': valid } });
    } catch (error) {
      return refuseUnlessMissing(error);
    }
  }
  const args = { IgnoreUnknown: '1', K8S_POD_NAMESPACE: 'default', K8S_POD_NAME: containerId, K8S_POD_INFRA_CONTAINER_ID: containerId };
  const key = `${containerId}/${ifname}`;
  if (kind === 'add') {
    const netns = namespaces.get(containerId) ?? subject.makeNamespace();
    namespaces.set(containerId, netns);
    // From now on the runtime owes a DEL, whatever becomes of the call.
    asked.set(key, undefined);
    return yield* cni.add({ containerId, netns, ifname, args, config });
  }
  const netns = namespaces.get(containerId);
  const prevResult = asked.get(key);
  const known = remembers && prevResult ? { ...config, prevResult } : config;
  if (kind === 'check') {
    try {
      return yield* cni.check({
        containerId,
        netns: netns ?? '',
        ifname,
        args,
        config: { ...config, ...(prevResult ? { prevResult } : {}) },
      });
    } catch (error) {
      return refuseUnlessMissing(error);
    }
  }
  const request: DelRequest = { containerId, ifname, args, config: known, ...(netns !== undefined && !session.isClosing ? { netns } : {}) };
  return yield* cni.del(request);
}

/** A plugin may leave CHECK and GC out. */
function refuseUnlessMissing(error: unknown): void {
  if ((error as { readonly code?: unknown }).code !== 'UNIMPLEMENTED') throw error;
}

function after(state: State, act: CniAct, heard: Heard<Result | void>): Possible<State> {
  const { attached, capacity } = state;
  const key = keyOf(act);
  const isRefusal = heard.as === 'refusal';
  if (act.kind === 'gc') return isRefusal ? 'GC succeeds' : [state];
  if (act.kind === 'check') return isRefusal ? `${key} is attached, so CHECK succeeds` : [state];
  if (act.kind === 'del') {
    if (isRefusal) return 'DEL succeeds, also when nothing is attached';
    const { [key]: _, ...others } = attached;
    return [{ ...state, attached: others }];
  }
  const isFull = capacity !== undefined && Object.keys(attached).length >= capacity;
  if (isRefusal)
    return isFull || capacity === undefined
      ? [state]
      : `the pool has ${capacity} addresses, and ${Object.keys(attached).length} are in use`;
  if (isFull) return `the pool is full with ${capacity} addresses`;
  const addresses = heard.as === 'answer' ? ((heard.answer as Result).ips ?? []).map(({ address }) => address.split('/')[0] ?? '') : null;
  const taken = Object.entries(attached).find(([, others]) => others?.some((address) => addresses?.includes(address)));
  if (taken) return `${addresses?.join(', ')} is the address of ${taken[0]}`;
  return [{ ...state, attached: sortedBy({ ...attached, [key]: addresses }) }];
}
