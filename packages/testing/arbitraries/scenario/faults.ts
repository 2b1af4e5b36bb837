import { apiServer } from '@slipway/client';
import { cloudApi } from '@slipway/cloud';
import { cniPlugin } from '@slipway/cni';
import { instancesV2, loadBalancer, routes } from '@slipway/cpi';
import { imageService, runtimeService } from '@slipway/cri';
import { csiController, csiNode } from '@slipway/csi';
import { ociDistribution, ociRuntime } from '@slipway/oci';
import fc from 'fast-check';
import type { FaultForm } from './forms.ts';
import { pick, picked, usually } from './sizes.ts';

/** Calls that faults are set on, and codes that their callers have to bear. */
interface Calls {
  readonly on: string;
  readonly methods: readonly string[];
  readonly codes: readonly (string | number)[];
}

const GRPC = ['UNAVAILABLE', 'INTERNAL', 'DEADLINE_EXCEEDED', 'ABORTED'];

/** @param services left out methods are those whose faults say nothing: who they are, and what they can do. */
function calls(on: string, codes: Calls['codes'], ...services: readonly { readonly methods: object }[]): Calls {
  const names = services.flatMap(({ methods }) => Object.keys(methods));
  return { on, codes, methods: names.map((name) => `${name[0]?.toUpperCase()}${name.slice(1)}`) };
}

const ALL_CALLS: readonly Calls[] = [
  calls('cni', [11, 999], cniPlugin),
  calls('cri', GRPC, runtimeService, imageService),
  calls('csi', GRPC, csiController, csiNode),
  calls('oci', ['INTERNAL'], ociRuntime, ociDistribution),
  calls('cpi', ['INTERNAL'], instancesV2, loadBalancer, routes),
  calls('cloud', ['RequestLimitExceeded', 'INTERNAL'], cloudApi),
  calls('api', ['InternalError', 'TooManyRequests', 'ServiceUnavailable', 'Conflict'], apiServer),
];

/** Faults of calls that a scenario may set, by their interface: `cni`, `api` … */
export const FAULT_INTERFACES: readonly string[] = ALL_CALLS.map(({ on }) => on);

export interface FaultOptions {
  /** Interfaces whose calls are struck. Left out: all. */
  readonly interfaces?: readonly string[];
  /** Nodes that a fault may be narrowed to. Left out: none. */
  readonly nodes?: readonly string[];
}

type Arrow = 'error' | 'refuse' | 'loseAnswer' | 'delay' | 'duplicate' | 'hang' | 'crash' | 'lag' | 'cut';

/** What is drawn of a fault before it is known which nodes there are. */
export interface FaultShape {
  readonly calls: Calls;
  readonly method: number | undefined;
  readonly node: number | undefined;
  readonly arrow: Arrow;
  readonly code: number;
  readonly delay: string;
  readonly restart: string | undefined;
  readonly keepState: boolean | undefined;
  readonly how: 'times' | 'rate';
  readonly after: number;
  readonly times: number;
  readonly rate: string;
  readonly lasts: string;
}

/** Rates from one call in a thousand to every call, since bugs need them rare and often. */
const RATES = ['1/4', '1/20', '1/100', '1/1000', '1/2', '1/1'];

export function arbitraryFaultShape({ interfaces = FAULT_INTERFACES }: FaultOptions = {}): fc.Arbitrary<FaultShape> {
  const usable = ALL_CALLS.filter(({ on }) => interfaces.includes(on));
  const some = usable.length > 0 ? usable : ALL_CALLS;
  return fc.record({
    calls: fc.constantFrom(...some),
    method: fc.option(pick, { nil: undefined, freq: 4 }),
    node: fc.option(pick, { nil: undefined, freq: 2 }),
    arrow: fc.constantFrom<Arrow>('error', 'refuse', 'loseAnswer', 'delay', 'duplicate', 'hang', 'crash', 'lag', 'cut'),
    code: pick,
    delay: fc.constantFrom('1s', '10ms', '30s', '2m'),
    restart: usually<string | undefined>(undefined, '0s', '1s', '30s'),
    keepState: usually<boolean | undefined>(undefined, true, false),
    how: fc.constantFrom('times', 'rate'),
    after: usually(0, 1, 2, 5),
    times: usually(1, 2, 5),
    rate: fc.constantFrom(...RATES),
    lasts: fc.constantFrom('10s', '1s', '30s', '1m'),
  });
}

/** The fault of a shape. Every fault ends: by its count, or by itself after a while. */
export function faultOf(shape: FaultShape, nodes: readonly string[] = []): FaultForm {
  const { calls, arrow } = shape;
  const isWatch = arrow === 'lag' || arrow === 'cut';
  const on = isWatch ? 'api.Watch' : shape.method === undefined ? calls.on : `${calls.on}.${picked(calls.methods, shape.method)}`;
  const fault: FaultForm = { on };
  if (shape.node !== undefined && nodes.length > 0) fault.node = picked(nodes, shape.node);
  setArrow(fault, shape);
  if (isWatch) return { ...fault, for: shape.lasts };
  if (shape.after > 0) fault.after = shape.after;
  if (shape.how === 'times') return { ...fault, times: shape.times };
  return { ...fault, rate: shape.rate, for: shape.lasts };
}

function setArrow(fault: FaultForm, { arrow, calls, code, delay, restart, keepState }: FaultShape): void {
  if (arrow === 'error') fault.error = picked(calls.codes, code);
  else if (arrow === 'delay' || arrow === 'lag') fault[arrow] = delay;
  else if (arrow !== 'crash') fault[arrow] = true;
  // The API server comes up again with its store, as etcd keeps it: what a crash loses there is not what is looked for.
  else if (calls.on === 'api') fault.refuse = true;
  else fault.crash = { ...(restart === undefined ? {} : { restart }), ...(keepState === undefined ? {} : { keepState }) };
}

/** A fault of calls as a scenario has it: which calls, at which arrow of their life, how often; each ends by itself. */
export function arbitraryFault(options: FaultOptions = {}): fc.Arbitrary<FaultForm> {
  return arbitraryFaultShape(options).map((shape) => faultOf(shape, options.nodes ?? []));
}
