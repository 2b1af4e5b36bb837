import fc from 'fast-check';
import { arbitraryFaultShape, faultOf, type FaultOptions, type FaultShape } from './faults.ts';
import type { RestartForm, StepForm } from './forms.ts';
import { pick, picked, usually } from './sizes.ts';

export interface ScheduleOptions extends FaultOptions {
  /** What steps happen to. Left out: `node-1`. */
  readonly nodes?: readonly string[];
  /** Workloads by reference (`deployment/web`), whose pods may be made anew. Left out: none. */
  readonly workloads?: readonly string[];
  /** Those whose replicas may change. Left out: all Deployments and StatefulSets among them. */
  readonly scalable?: readonly string[];
  /** Most replicas of a workload. Left out: 3. */
  readonly maxReplicas?: number;
  /** Seconds in which everything begins, after the first five. Left out: 120. */
  readonly seconds?: number;
  /** Events at most; some are two steps, such as a power loss and what ends it. Left out: 6. */
  readonly maxEvents?: number;
  /** Whether faults, partitions, restarts and power losses are among the events. Left out: true. */
  readonly faults?: boolean;
}

type Kind =
  | ('fault' | 'restart part' | 'restart plugin' | 'restart node' | 'power' | 'partition')
  | ('cordon' | 'drain' | 'taint' | 'scale' | 'roll' | 'change grace');

/** One event, and what ends it. */
export interface EventShape {
  readonly kind: Kind;
  readonly at: number;
  readonly target: number;
  readonly lasts: number;
  readonly fault: FaultShape;
  readonly replicas: number;
  readonly grace: number;
  readonly part: number;
  readonly keepState: boolean | undefined;
}

const CHURN: readonly Kind[] = ['scale', 'roll', 'change grace', 'cordon', 'drain', 'taint'];
const TROUBLE: readonly Kind[] = ['fault', 'restart part', 'restart plugin', 'restart node', 'power', 'partition'];

/** Nobody can cordon a node that has not joined, nor scale what is only about to be applied. In milliseconds. */
const BEGIN = 5_000;

/** Moments cluster around a few, so that things meet: half of all events fall on the same ten-second marks. */
function arbitraryMoment(seconds: number): fc.Arbitrary<number> {
  const marks = fc.nat({ max: Math.floor(seconds / 10) }).map((mark) => mark * 10_000);
  const any = fc.nat({ max: seconds * 1000 });
  return fc.oneof({ withCrossShrink: true }, marks, any).map((milliseconds) => BEGIN + milliseconds);
}

export function arbitraryEventShape({ seconds = 120, maxReplicas = 3, faults = true, ...rest }: ScheduleOptions = {}) {
  const kinds = faults ? [...TROUBLE, 'fault' as const, 'fault' as const, ...CHURN] : CHURN;
  return fc.record<EventShape>({
    kind: fc.constantFrom(...kinds),
    at: arbitraryMoment(seconds),
    target: pick,
    lasts: usually(10, 1, 30, 60),
    fault: arbitraryFaultShape(rest),
    replicas: fc.nat({ max: maxReplicas }),
    grace: usually(1, 0, 30),
    part: pick,
    keepState: usually<boolean | undefined>(undefined, true, false),
  });
}

/**
 * Steps in the order of time, many at the same moment: faults that end by themselves, restarts of parts, plugins and machines, power
 * losses and partitions with what ends them, and what people do: scale, roll out, cordon, drain, taint. Nothing is lost for good.
 */
export function arbitrarySchedule(options: ScheduleOptions = {}): fc.Arbitrary<StepForm[]> {
  const { maxEvents = 6 } = options;
  return fc.array(arbitraryEventShape(options), { maxLength: maxEvents }).map((events) => scheduleOf(events, options));
}

/** The steps of the events, in the order of time. */
export function scheduleOf(events: readonly EventShape[], options: ScheduleOptions): StepForm[] {
  const steps = events.flatMap((event) => stepsOf(event, options));
  // A stable sort: what stands first of one moment happens first.
  return steps.sort((a, b) => a.at - b.at).map(({ at, step }) => ({ at: moment(at), ...step }));
}

interface Timed {
  /** In milliseconds. */
  readonly at: number;
  readonly step: StepForm;
}

const moment = (milliseconds: number): string => (milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`);

const PARTS = ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-apiserver', 'cloud-controller-manager'] as const;
const PLUGINS = ['cri', 'csi', 'cni', 'oci', 'cpi', 'cloud'] as const;
const NODE_PLUGINS: readonly string[] = ['cri', 'cni', 'oci'];

function stepsOf(event: EventShape, { nodes = ['node-1'], workloads = [], scalable }: ScheduleOptions): Timed[] {
  const { kind, at, lasts } = event;
  const node = picked(nodes, event.target);
  const end = at + lasts * 1000;
  const both = (first: StepForm, last: StepForm): Timed[] => [
    { at, step: first },
    { at: end, step: last },
  ];
  switch (kind) {
    case 'fault':
      return [{ at, step: { fault: faultOf(event.fault, nodes) } }];
    case 'restart part':
    case 'restart plugin':
      return [{ at, step: { restart: restartOf(event, node) } }];
    case 'restart node':
      return [{ at, step: { restart: { node, down: `${lasts}s` } } }];
    case 'power':
      return both({ powerOff: node }, { powerOn: node });
    case 'partition':
      return [{ at, step: { partition: partitionOf(event, node) } }];
    case 'cordon':
      return both({ cordon: node }, { uncordon: node });
    case 'drain':
      return both({ drain: node }, { uncordon: node });
    case 'taint': {
      const taint = { node, key: 'slipway.dev/keep-off', effect: event.part % 2 === 0 ? ('NoSchedule' as const) : ('NoExecute' as const) };
      return both({ taint }, { untaint: taint });
    }
    default:
      return churnOf(event, workloads, scalable ?? workloads.filter((workload) => /^(deployment|statefulset)\//.test(workload)));
  }
}

function restartOf({ kind, part, lasts, keepState }: EventShape, node: string): RestartForm {
  const down = `${lasts}s`;
  if (kind === 'restart part') {
    const which = picked(PARTS, part);
    return { part: which, ...(which === 'kubelet' ? { node } : {}), down };
  }
  const plugin = picked(PLUGINS, part);
  return { plugin, ...(NODE_PLUGINS.includes(plugin) ? { node } : {}), down, ...(keepState === undefined ? {} : { keepState }) };
}

function partitionOf({ part, lasts }: EventShape, node: string) {
  const direction = picked(['both', 'in', 'out'] as const, part);
  const from = picked([undefined, 'control-plane', 'cloud'], Math.floor(part / 3));
  return { node, ...(from === undefined ? {} : { from }), ...(direction === 'both' ? {} : { direction }), for: `${lasts}s` };
}

/** Nothing where there is no workload that it could happen to. */
function churnOf({ kind, at, target, replicas, grace }: EventShape, workloads: readonly string[], scalable: readonly string[]): Timed[] {
  if (kind === 'scale') return scalable.length === 0 ? [] : [{ at, step: { scale: { of: picked(scalable, target), replicas } } }];
  const rolling = workloads.filter((workload) => !workload.startsWith('job/'));
  if (rolling.length === 0) return [];
  const of = picked(rolling, target);
  const template =
    kind === 'roll' ? { metadata: { annotations: { 'slipway.dev/rolled': `${at}` } } } : { spec: { terminationGracePeriodSeconds: grace } };
  return [{ at, step: { patch: { of, with: { spec: { template } }, type: 'strategic' } } }];
}
