import type { FaultDocument, NodeFaultDocument, PartitionDocument, RestartDocument, StepDocument } from '../scenario/schema.ts';
import { type Arrow, arrowsOf } from './arrows.ts';
import { callPattern } from './call-pattern.ts';

/** What reports call that which goes wrong. */
export const FAULT_KINDS = [
  ...(['error', 'delay', 'hang', 'lost-answer', 'duplicate', 'crash', 'crash-with-state', 'refuse'] as const),
  ...(['power', 'freeze', 'clock-skew', 'disk-full', 'memory-pressure'] as const),
  ...(['partition', 'asymmetric-partition', 'slow'] as const),
  ...(['restart-apiserver', 'restart-scheduler', 'restart-controller-manager', 'restart-cloud-controller-manager'] as const),
  ...(['restart-kubelet', 'restart-plugin'] as const),
  ...(['stale-read', 'coalesced-watch', 'cut-watch', 'missed-event', 'lagging-watch'] as const),
  ...(['conflict-storm', 'crash-between-writes', 'throttle', 'outage'] as const),
] as const;

export type FaultKindName = (typeof FAULT_KINDS)[number];

/** Steps, or parts of them, that may be faults. */
type FaultSteps = Pick<StepDocument, 'fault' | 'partition' | 'nodeFault' | 'restart' | 'powerOff'>;

/** What reports call the fault of a step; undefined for a step that makes nothing go wrong. */
export function faultKindOf({ fault, partition, nodeFault, restart, powerOff }: FaultSteps): FaultKindName | undefined {
  if (fault) return kindOfFault(fault);
  if (partition) return kindOfPartition(partition);
  if (nodeFault) return kindOfNodeFault(nodeFault);
  if (restart) return kindOfRestart(restart);
  return powerOff === undefined ? undefined : 'power';
}

/** The named ones are ordinary faults with a well-known aim. */
export function kindOfFault(fault: Omit<FaultDocument, 'node'>): FaultKindName {
  const [arrow = 'hang'] = arrowsOf(fault);
  const { interface: own, method } = callPattern(fault.on);
  const isCloud = own?.toLowerCase() === 'cloud';
  const { error, refuse } = fault;
  const code = typeof error === 'object' ? error.code : error;
  if (error !== undefined && code === 'Conflict') return 'conflict-storm';
  if (error !== undefined && isCloud && code === THROTTLED) return 'throttle';
  if (refuse !== undefined && isCloud && method === undefined) return 'outage';
  if (arrow === 'delay' && own === undefined) return 'slow';
  if (typeof fault.crash === 'object' && fault.crash.keepState === true) return 'crash-with-state';
  if (typeof fault.cut === 'object' && fault.cut.relist === true) return 'missed-event';
  return BY_ARROW[arrow];
}

/** Source: Amazon EC2 API Reference, "Error codes", "Client error codes". */
const THROTTLED = 'RequestLimitExceeded';

const BY_ARROW: { readonly [A in Arrow]: FaultKindName } = {
  refuse: 'refuse',
  error: 'error',
  loseAnswer: 'lost-answer',
  delay: 'delay',
  duplicate: 'duplicate',
  hang: 'hang',
  crash: 'crash',
  crashCaller: 'crash-between-writes',
  stale: 'stale-read',
  lag: 'lagging-watch',
  coalesce: 'coalesced-watch',
  cut: 'cut-watch',
};

export function kindOfPartition({ direction = 'both' }: Pick<PartitionDocument, 'direction'>): FaultKindName {
  return direction === 'both' ? 'partition' : 'asymmetric-partition';
}

export function kindOfNodeFault({ freeze, clock, disk }: Omit<NodeFaultDocument, 'node'>): FaultKindName {
  return freeze ? 'freeze' : clock !== undefined ? 'clock-skew' : disk !== undefined ? 'disk-full' : 'memory-pressure';
}

/** Without a part or a plugin, it is the machine itself. */
export function kindOfRestart({ part, plugin }: Pick<RestartDocument, 'part' | 'plugin'>): FaultKindName {
  return part !== undefined ? BY_PART[part] : plugin !== undefined ? 'restart-plugin' : 'power';
}

const BY_PART: { readonly [P in NonNullable<RestartDocument['part']>]: FaultKindName } = {
  'kube-apiserver': 'restart-apiserver',
  'kube-scheduler': 'restart-scheduler',
  'kube-controller-manager': 'restart-controller-manager',
  'cloud-controller-manager': 'restart-cloud-controller-manager',
  kubelet: 'restart-kubelet',
};
