import type { Host } from '@slipway/host';
import { formatResourceAmount } from '@slipway/kube';

/** What runs short on a node, as its conditions call it. */
export type Pressure = 'MemoryPressure' | 'DiskPressure';

/** A signal that is beyond its hard threshold. */
export interface Shortage {
  readonly pressure: Pressure;
  /** Of pods: what is taken back from them. */
  readonly resource: 'memory' | 'ephemeral-storage';
  /** As messages have them; empty where the signal has no amount. */
  readonly threshold: string;
  readonly available: string;
}

/** Source: `pkg/kubelet/apis/config/v1beta1/defaults_linux.go`, DefaultEvictionHard: `memory.available`. */
const LEAST_MEMORY = 100 * 1024 * 1024;

/**
 * What the machine is short of, memory first. Its pods take no more than they ask for and its disk has no size of its own, so that only a
 * fault makes either short. A disk without any room is below `nodefs.available` and `imagefs.available`, whatever their shares are.
 *
 * Source: `pkg/kubelet/eviction/helpers.go` thresholdsMet, byEvictionPriority.
 */
export function shortagesOf({ availableMemoryBytes, disk }: Pick<Host, 'availableMemoryBytes' | 'disk'>): readonly Shortage[] {
  const shortages: Shortage[] = [];
  if (availableMemoryBytes !== undefined && availableMemoryBytes < LEAST_MEMORY)
    shortages.push({
      pressure: 'MemoryPressure',
      resource: 'memory',
      threshold: formatResourceAmount('memory', LEAST_MEMORY),
      available: formatResourceAmount('memory', availableMemoryBytes),
    });
  if (disk.full) shortages.push({ pressure: 'DiskPressure', resource: 'ephemeral-storage', threshold: '', available: '0' });
  return shortages;
}
