import { seconds } from '@slipway/kernel';
import type { FaultDocument, StepDocument } from '../../scenario/schema.ts';
import { at, interfaceOf } from './steps.ts';
import type { Profile } from '../profile.ts';
import type { Dice } from './dice.ts';

/** One way in which things go wrong. A seed switches some on. */
export interface SwarmMember {
  /** As reports count it and `--only` names it. */
  readonly name: string;
  /** Steps that make it happen; none where the story has nothing that it could strike. */
  draw(dice: Dice, profile: Profile): readonly StepDocument[];
}

/** Errors that a caller of the interface has to bear, since they pass. Sources: specs of the interfaces, as their contracts list them. */
const PASSING: Readonly<Record<string, readonly (string | number)[]>> = {
  oci: ['UNKNOWN'],
  cri: ['UNKNOWN', 'INTERNAL', 'UNAVAILABLE'],
  cni: [11, 100],
  csi: ['INTERNAL', 'UNAVAILABLE', 'ABORTED', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'],
  cpi: ['INTERNAL', 'UNAVAILABLE'],
  cloud: ['INTERNAL', 'UNAVAILABLE'],
  smi: ['INTERNAL', 'UNAVAILABLE'],
};

type Arrow = Partial<FaultDocument>;

/** Callers that wait without end: an answer that never comes would never be missed. Source: CRI's PullImage has no deadline. */
const PATIENT: ReadonlySet<string> = new Set(['cri.ImageService/PullImage']);
/** Members after which no answer comes. */
const SILENT: ReadonlySet<string> = new Set(['hang', 'lost-answer']);

/** Interfaces first, then one of their methods: an interface with few methods is no rarer than one with many. */
function methodOf(dice: Dice, { methods: called }: Profile, isSilent: boolean): string | undefined {
  const methods = isSilent ? called.filter((method) => !PATIENT.has(method)) : called;
  const interfaces = [...new Set(methods.map(interfaceOf))];
  if (interfaces.length === 0) return undefined;
  const chosen = dice.pick(interfaces);
  if (!isSilent && dice.chance(1, 6)) return chosen;
  return dice.pick(methods.filter((method) => interfaceOf(method) === chosen));
}

/** A fault at one arrow of some calls of a plugin. */
function onCalls(name: string, arrow: (dice: Dice, own: string, profile: Profile) => Arrow | undefined): SwarmMember {
  return {
    name,
    draw(dice, profile) {
      const on = methodOf(dice, profile, SILENT.has(name));
      if (on === undefined) return [];
      const set = arrow(dice, interfaceOf(on), profile);
      if (set === undefined) return [];
      const where = dice.chance(1, 3) && profile.nodes.length > 0 ? { node: dice.pick(profile.nodes) } : {};
      const end = dice.chance(1, 2) ? { for: dice.span(seconds(2), seconds(60)) } : {};
      return [{ at: at(dice.moment()), fault: { on, ...where, ...set, ...dice.extent(), ...end } }];
    },
  };
}

/** What befalls a machine and is over after a while. */
function onNode(name: string, steps: (dice: Dice, node: string, profile: Profile) => readonly StepDocument[]): SwarmMember {
  return { name, draw: (dice, profile) => (profile.nodes.length === 0 ? [] : steps(dice, dice.pick(profile.nodes), profile)) };
}

/** A fault of the API server's answers to one of its clients. */
function onClients(name: string, whose: 'writers' | 'watchers', fault: (dice: Dice) => FaultDocument): SwarmMember {
  return {
    name,
    draw(dice, profile) {
      // One that attaches by what was so a while ago attaches twice: kubernetes/kubernetes#59848 and its kin, and no plugin's fault.
      const clients = profile[whose].filter((client) => name !== 'stale-read' || !client.startsWith('attach'));
      if (clients.length === 0) return [];
      return [{ at: at(dice.moment()), fault: { ...fault(dice), from: dice.pick(clients) } }];
    },
  };
}

const API_WRITES: readonly string[] = ['api.create', 'api.update', 'api.updateStatus', 'api.patch', 'api.delete', 'api.bind'];
const CONTROL_PLANE = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'cloud-controller-manager'] as const;
/** Parts of a machine that can be ended and started anew. */
const NODE_PLUGINS = ['cri', 'cni', 'csi'] as const;

const faults: readonly SwarmMember[] = [
  onCalls('error', (dice, own) => {
    const codes = PASSING[own];
    return codes && { error: dice.pick(codes) };
  }),
  onCalls('refuse', () => ({ refuse: true })),
  onCalls('delay', (dice) => ({ delay: dice.span(seconds(1) / 100, seconds(30)) })),
  onCalls('hang', () => ({ hang: true })),
  onCalls('lost-answer', () => ({ loseAnswer: true })),
  onCalls('duplicate', () => ({ duplicate: true })),
  onCalls('crash', (dice, own, { remembering }) =>
    remembering.has(own) ? undefined : { crash: { restart: dice.span(seconds(1), seconds(30)) } },
  ),
  onCalls('crash-with-state', (dice) => ({ crash: { restart: dice.span(seconds(1), seconds(30)), keepState: true } })),
];

const nodes: readonly SwarmMember[] = [
  onNode('power', (dice, node) => {
    const moment = dice.moment();
    if (dice.chance(1, 2)) return [{ at: at(moment), restart: { node, down: dice.span(seconds(1), seconds(60)) } }];
    // Longer than anybody waits for a node: its pods are made anew elsewhere.
    return [{ at: at(moment), powerOff: node }];
  }),
  onNode('restart-kubelet', (dice, node) => [
    { at: at(dice.moment()), restart: { part: 'kubelet', node, down: dice.span(seconds(1), seconds(60)) } },
  ]),
  onNode('restart-plugin', (dice, node, { methods, remembering }) => {
    const there = NODE_PLUGINS.filter((name) => methods.some((method) => interfaceOf(method) === name));
    if (there.length === 0) return [];
    const plugin = dice.pick(there);
    const state = dice.chance(1, 2) || remembering.has(plugin) ? { keepState: true } : {};
    return [{ at: at(dice.moment()), mayFail: true, restart: { plugin, node, down: dice.span(seconds(1), seconds(30)), ...state } }];
  }),
];

const machines: readonly SwarmMember[] = [
  onNode('freeze', (dice, node) => [
    { at: at(dice.moment()), nodeFault: { node, freeze: true, for: dice.span(seconds(1), seconds(120)) } },
  ]),
  onNode('clock-skew', (dice, node) => [
    {
      at: at(dice.moment()),
      nodeFault: {
        node,
        clock: `${dice.pick(['+', '-'])}${dice.span(seconds(1), seconds(600))}`,
        for: dice.span(seconds(10), seconds(120)),
      },
    },
  ]),
  onNode('disk-full', (dice, node) => [
    { at: at(dice.moment()), nodeFault: { node, disk: 'full', for: dice.span(seconds(2), seconds(60)) } },
  ]),
  onNode('memory-pressure', (dice, node) => [
    { at: at(dice.moment()), nodeFault: { node, memory: dice.pick(['10Mi', '50Mi', '90Mi']), for: dice.span(seconds(10), seconds(60)) } },
  ]),
];

const links: readonly SwarmMember[] = [
  onNode('partition', (dice, node) => [
    { at: at(dice.moment()), partition: { node, from: cutOff(dice), for: dice.span(seconds(2), seconds(120)) } },
  ]),
  onNode('asymmetric-partition', (dice, node) => [
    {
      at: at(dice.moment()),
      partition: { node, from: cutOff(dice), direction: dice.pick(['in', 'out'] as const), for: dice.span(seconds(2), seconds(120)) },
    },
  ]),
  onNode('slow', (dice, node) => [
    {
      at: at(dice.moment()),
      fault: { on: '*', node, delay: dice.span(seconds(1) / 100, seconds(4)), for: dice.span(seconds(5), seconds(60)) },
    },
  ]),
];

const cutOff = (dice: Dice): string => dice.pick(['control-plane', 'control-plane', 'cloud', 'registry']);

const controlPlane: readonly SwarmMember[] = [
  {
    name: 'restart-control-plane',
    draw: (dice) => [{ at: at(dice.moment()), restart: { part: dice.pick(CONTROL_PLANE), down: dice.span(seconds(1), seconds(60)) } }],
  },
  onClients('lagging-watch', 'watchers', (dice) => ({
    on: 'api.watch',
    lag: dice.span(seconds(1) / 10, seconds(15)),
    for: dice.span(seconds(5), seconds(90)),
  })),
  onClients('cut-watch', 'watchers', () => ({ on: 'api.watch', cut: true })),
  onClients('missed-event', 'watchers', (dice) => ({ on: 'api.watch', cut: { away: dice.span(seconds(1), seconds(30)), relist: true } })),
  onClients('coalesced-watch', 'watchers', (dice) => ({
    on: 'api.watch',
    coalesce: dice.span(seconds(1) / 10, seconds(15)),
    for: dice.span(seconds(5), seconds(90)),
  })),
  onClients('stale-read', 'watchers', (dice) => ({
    on: 'api',
    stale: dice.span(seconds(1), seconds(15)),
    for: dice.span(seconds(5), seconds(90)),
  })),
  onClients('lost-write', 'writers', (dice) => ({
    on: dice.pick(API_WRITES),
    loseAnswer: true,
    ...dice.extent(),
    for: dice.span(seconds(2), seconds(60)),
  })),
  onClients('crash-between-writes', 'writers', (dice) => ({
    on: dice.pick(API_WRITES),
    crashCaller: { restart: dice.span(seconds(1), seconds(30)) },
    after: dice.integer(0, 8),
    times: 1,
  })),
  onClients('conflict-storm', 'writers', (dice) => ({
    on: dice.pick(['api.update', 'api.updateStatus', 'api.patch']),
    error: 'Conflict',
    rate: `1/${2 ** dice.integer(0, 3)}`,
    for: dice.span(seconds(2), seconds(30)),
  })),
];

const cloud: readonly SwarmMember[] = [
  onCloud('throttle', (dice) => ({
    on: 'cloud',
    error: 'RequestLimitExceeded',
    rate: `1/${2 ** dice.integer(0, 3)}`,
    for: dice.span(seconds(5), seconds(120)),
  })),
  onCloud('outage', (dice) => ({ on: 'cloud', refuse: true, for: dice.span(seconds(5), seconds(120)) })),
];

function onCloud(name: string, fault: (dice: Dice) => FaultDocument): SwarmMember {
  return {
    name,
    draw: (dice, { methods }) =>
      methods.some((method) => interfaceOf(method) === 'cloud') ? [{ at: at(dice.moment()), fault: fault(dice) }] : [],
  };
}

/** Everything that can go wrong, in an order that never changes: what a seed draws depends on it. */
export const swarm: readonly SwarmMember[] = [...faults, ...nodes, ...machines, ...links, ...controlPlane, ...cloud];
