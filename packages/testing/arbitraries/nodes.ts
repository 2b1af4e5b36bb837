import fc from 'fast-check';
import type { Node } from '@slipway/kube';
import { arbitraryAnnotations, arbitraryLabels, arbitrarySubdomainName } from './names.ts';
import { objectOf } from './object-of.ts';
import { arbitraryTaints } from './placement.ts';

/** Bounds of a machine. */
export interface NodeBounds {
  /** Left out: 64. */
  readonly maxCores?: number;
  /** Left out: 256. */
  readonly maxGibibytes?: number;
}

/** Machines with capacity, what of it pods may use, taints, and zone and host name as labels. */
export function arbitraryNode({ maxCores = 64, maxGibibytes = 256 }: NodeBounds = {}): fc.Arbitrary<Node> {
  const spec = objectOf({}, { taints: arbitraryTaints(), unschedulable: fc.boolean() });
  const size = fc.record({
    cores: fc.integer({ min: 1, max: maxCores }),
    gibibytes: fc.integer({ min: 1, max: maxGibibytes }),
    disk: fc.integer({ min: 10, max: 500 }),
    pods: fc.integer({ min: 1, max: 250 }),
    reservedMillis: fc.integer({ min: 0, max: 500 }),
    reservedMebibytes: fc.integer({ min: 0, max: 512 }),
  });
  const zone = fc.constantFrom('zone-a', 'zone-b', 'zone-c');
  const meta = fc.tuple(arbitrarySubdomainName(), arbitraryLabels(), arbitraryAnnotations(), zone);
  return fc.tuple(meta, spec, size).map(([[name, labels, annotations, place], decided, { cores, gibibytes, disk, pods, ...reserved }]) => {
    const fixed = { 'ephemeral-storage': `${disk}Gi`, pods: String(pods) };
    return {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        annotations,
        labels: { ...labels, 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': place },
      },
      spec: decided,
      status: {
        capacity: { cpu: String(cores), memory: `${gibibytes}Gi`, ...fixed },
        allocatable: {
          cpu: `${cores * 1000 - reserved.reservedMillis}m`,
          memory: `${gibibytes * 1024 - reserved.reservedMebibytes}Mi`,
          ...fixed,
        },
      },
    };
  });
}
