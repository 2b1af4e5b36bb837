import { seconds } from '@slipway/kernel';
import type { FaultDocument, RestartDocument, StepDocument } from '../../scenario/schema.ts';
import { at, interfaceOf } from './steps.ts';
import type { ApiWrite, Profile } from '../profile.ts';
import type { Dice } from './dice.ts';

/** One way in which things go wrong. A seed switches some on. */
export interface SwarmMember {
  /** As reports count it and `--only` names it. */
  readonly name: string;
  /** How often it is drawn beside others; 1 if left out. */
  readonly weight?: number;
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

/** Calls that change something: what becomes of them twice, or by half, is what plugins get wrong. */
const CHANGES = /\/(?:Create|Add|Del|Delete|Controller|Node[^G]|Run|Start|Stop|Remove|Ensure|Update|Kill|Attach|Detach|Inject)/;

/** Each method is as likely as another, those that change something more so; sometimes all of an interface. */
function methodOf(dice: Dice, { methods: called, own }: Profile, isSilent: boolean): string | undefined {
  const methods = isSilent ? called.filter((method) => !PATIENT.has(method)) : called;
  if (methods.length === 0) return undefined;
  // Two faults on one method.
  if (dice.lastMethod !== undefined && methods.includes(dice.lastMethod) && dice.chance(1, 4)) return dice.lastMethod;
  // Whoever brings a plugin of his own wants to know about that one.
  const owned = methods.filter((method) => own.has(interfaceOf(method)));
  const among = owned.length > 0 && dice.chance(1, 2) ? owned : methods;
  const chosen = dice.weighted(among.map((method) => [CHANGES.test(method) ? 3 : 1, method] as const));
  if (!isSilent && dice.chance(1, 10)) return interfaceOf(chosen);
  dice.lastMethod = chosen;
  return chosen;
}

/** A fault at one arrow of some calls of a plugin. */
function onCalls(name: string, weight: number, arrow: (dice: Dice, own: string, profile: Profile) => Arrow | undefined): SwarmMember {
  return {
    name,
    weight,
    draw(dice, profile) {
      const on = methodOf(dice, profile, SILENT.has(name));
      if (on === undefined) return [];
      const set = arrow(dice, interfaceOf(on), profile);
      if (set === undefined) return [];
      const where = dice.chance(1, 4) && profile.nodes.length > 0 ? { node: dice.pick(profile.nodes) } : {};
      const fault = { on, ...where, ...set };
      // At a call of its choice, whenever that comes.
      if (dice.chance(1, 2)) return [{ at: '0s', fault: { ...fault, ...dice.oneOf(2 * (profile.calls.get(on) ?? 4)) } }];
      const end = dice.chance(1, 2) ? { for: dice.span(seconds(2), seconds(60)) } : {};
      return [{ at: at(dice.moment()), fault: { ...fault, ...dice.extent(), ...end } }];
    },
  };
}

/** What befalls a machine and is over after a while. */
function onNode(name: string, steps: (dice: Dice, node: string, profile: Profile) => readonly StepDocument[]): SwarmMember {
  return { name, draw: (dice, profile) => (profile.nodes.length === 0 ? [] : steps(dice, dice.pick(profile.nodes), profile)) };
}

/** A fault of what the API server tells one of those who watch it; sometimes all controllers. */
function onWatchers(name: string, weight: number, fault: (dice: Dice) => FaultDocument): SwarmMember {
  return {
    name,
    weight,
    draw(dice, { watchers }) {
      // One that attaches by what was so a while ago attaches twice: kubernetes/kubernetes#59848 and its kin, and no plugin's fault.
      const clients = watchers.filter((client) => name !== 'stale-read' || !client.startsWith('attach'));
      if (clients.length === 0) return [];
      const from = name !== 'stale-read' && dice.chance(1, 6) ? '*-controller' : dice.pick(clients);
      return [{ at: at(dice.chance(1, 4) ? 0 : dice.moment()), fault: { ...fault(dice), from } }];
    },
  };
}

/** A client reads what was so a while ago; it does so when its watches have been cut, and it lists anew. */
function staleReads(): SwarmMember {
  const stale = onWatchers('stale-read', 2, (dice) => ({
    on: 'api',
    stale: dice.span(seconds(1), seconds(15)),
    for: dice.span(seconds(5), seconds(90)),
  }));
  return {
    ...stale,
    draw: (dice, profile) =>
      stale.draw(dice, profile).flatMap((step) => {
        const { from } = step.fault ?? {};
        if (from === undefined || dice.chance(1, 3)) return [step];
        return [step, { ...(step.at === undefined ? {} : { at: step.at }), fault: { on: 'api.watch', from, cut: { relist: true } } }];
      }),
  };
}

/** A fault of what somebody writes: somebody who does write so. */
function onWriters(name: string, weight: number, fault: (dice: Dice, write: ApiWrite) => Partial<FaultDocument>, ways = /./): SwarmMember {
  return {
    name,
    weight,
    draw(dice, { writes }) {
      const possible = writes.filter(({ on }) => ways.test(on));
      if (possible.length === 0) return [];
      const { from } = dice.pick(possible);
      const write = dice.pick(possible.filter((each) => each.from === from));
      const isOne = dice.chance(1, 2);
      const extent = isOne ? dice.oneOf(2 * write.count) : dice.extent();
      const set = { on: write.on, from, ...extent, ...fault(dice, write) };
      return [isOne ? { at: '0s', fault: set } : { at: at(dice.moment()), fault: { ...set, for: dice.span(seconds(2), seconds(60)) } }];
    },
  };
}

const CONTROL_PLANE = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'cloud-controller-manager'] as const;
/** Parts of a machine that can be ended and started anew. */
const NODE_PLUGINS = ['cri', 'cni', 'csi'] as const;

const faults: readonly SwarmMember[] = [
  onCalls('error', 4, (dice, own) => {
    const codes = PASSING[own];
    return codes && { error: dice.pick(codes) };
  }),
  onCalls('refuse', 1, () => ({ refuse: true })),
  onCalls('delay', 3, (dice) => ({ delay: dice.span(seconds(1) / 100, seconds(30)) })),
  onCalls('hang', 2, () => ({ hang: true })),
  onCalls('lost-answer', 4, () => ({ loseAnswer: true })),
  onCalls('duplicate', 3, () => ({ duplicate: true })),
  onCalls('crash', 2, (dice, own, { remembering }) =>
    remembering.has(own) ? undefined : { crash: { restart: dice.span(seconds(1), seconds(30)) } },
  ),
  onCalls('crash-with-state', 2, (dice) => ({ crash: { restart: dice.span(seconds(1), seconds(30)), keepState: true } })),
];

/** Who waits for an answer of it, on the same machine. */
const WAITING: Readonly<Record<string, RestartDocument>> = {
  cri: { part: 'kubelet' },
  csi: { part: 'kubelet' },
  cni: { plugin: 'cri' },
  oci: { plugin: 'cri' },
};

/** Calls take long, and meanwhile whoever has asked ends and starts anew. */
const interrupted: SwarmMember = onNode('interrupted-call', (dice, node, profile) => {
  const on = methodOf(dice, profile, false);
  const waiting = on === undefined ? undefined : WAITING[interfaceOf(on)];
  if (on === undefined || !waiting) return [];
  const moment = dice.moment();
  const keepState = waiting.plugin !== undefined && profile.remembering.has(waiting.plugin) ? { keepState: true } : {};
  const down = dice.span(seconds(1), seconds(20));
  return [
    { at: at(moment), fault: { on, node, delay: dice.span(seconds(5), seconds(60)), for: dice.span(seconds(2), seconds(20)) } },
    { at: at(moment + 2 ** dice.integer(5, 13) * (seconds(1) / 1_000)), mayFail: true, restart: { ...waiting, ...keepState, node, down } },
  ];
});

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

/** Whoever asked dies once the work is done: of the API server, or of a plugin. */
function crashBetweenWrites(): SwarmMember {
  const restartAfter = (dice: Dice): string => dice.span(seconds(1), seconds(30));
  const ofServer = onWriters('crash-between-writes', 3, (dice) => ({ crashCaller: { restart: restartAfter(dice) }, times: 1 }));
  const ofPlugins = onCalls('crash-between-writes', 3, (dice, own, { remembering }) => {
    // Those who call it have memories of their own.
    const keepState = (CALLERS[own] ?? []).some((caller) => remembering.has(caller)) ? { keepState: true } : {};
    return own === 'smi' ? undefined : { crashCaller: { restart: restartAfter(dice), ...keepState } };
  });
  return {
    name: 'crash-between-writes',
    weight: 3,
    draw: (dice, profile) => (dice.chance(1, 2) ? ofServer : ofPlugins).draw(dice, profile),
  };
}

/** Plugins that call those of another interface. */
const CALLERS: Readonly<Record<string, readonly string[]>> = { oci: ['cri'], cni: ['cri'], cloud: ['cpi', 'csi'] };

const cutOff = (dice: Dice): string => dice.pick(['control-plane', 'control-plane', 'cloud', 'registry']);

const controlPlane: readonly SwarmMember[] = [
  {
    name: 'restart-control-plane',
    draw: (dice) => [{ at: at(dice.moment()), restart: { part: dice.pick(CONTROL_PLANE), down: dice.span(seconds(1), seconds(60)) } }],
  },
  onWatchers('lagging-watch', 3, (dice) => ({
    on: 'api.watch',
    lag: dice.span(seconds(1) / 10, seconds(15)),
    for: dice.span(seconds(5), seconds(90)),
  })),
  onWatchers('cut-watch', 1, () => ({ on: 'api.watch', cut: true })),
  onWatchers('missed-event', 2, (dice) => ({ on: 'api.watch', cut: { away: dice.span(seconds(1), seconds(30)), relist: true } })),
  onWatchers('coalesced-watch', 2, (dice) => ({
    on: 'api.watch',
    coalesce: dice.span(seconds(1) / 10, seconds(15)),
    for: dice.span(seconds(5), seconds(90)),
  })),
  staleReads(),
  onWriters('lost-write', 2, () => ({ loseAnswer: true })),
  onWriters('failed-write', 2, (dice) => ({ error: dice.pick(['InternalError', 'ServiceUnavailable', 'TooManyRequests']) })),
  crashBetweenWrites(),
  onWriters('conflict-storm', 2, () => ({ error: 'Conflict' }), /Update|Patch|Bind/),
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
export const swarm: readonly SwarmMember[] = [
  ...faults,
  { ...interrupted, weight: 2 },
  ...nodes,
  ...machines,
  ...links,
  ...controlPlane,
  ...cloud,
];
