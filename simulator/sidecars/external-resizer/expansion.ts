import {
  compareQuantities,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimCondition,
  type Quantity,
} from '@slipway/kube';

// When and to what size a volume is to grow. Source: external-resizer `pkg/controller/expand_and_recover.go`, `pkg/util/util.go`.

export type ResizeStatus =
  | 'ControllerResizeInProgress'
  | 'ControllerResizeInfeasible'
  | 'NodeResizePending'
  | 'NodeResizeInProgress'
  | 'NodeResizeInfeasible';

export const resizeStatusOf = ({ status }: PersistentVolumeClaim): string => status?.allocatedResourceStatuses?.['storage'] ?? '';
const requestOf = ({ spec }: PersistentVolumeClaim): Quantity => spec.resources?.requests?.['storage'] ?? '0';

/** A bound claim that asks for more than it has. */
export function wantsToGrow(claim: PersistentVolumeClaim): boolean {
  const { phase, capacity } = claim.status ?? {};
  if (phase !== 'Bound' || (claim.spec.volumeName ?? '') === '') return false;
  return compareQuantities(requestOf(claim), capacity?.['storage'] ?? '0') > 0;
}

/** The volume is this claim's and the driver's. */
export function mayGrow(volume: PersistentVolume, claim: PersistentVolumeClaim, driver: string): boolean {
  return volume.spec.csi?.driver === driver && volume.spec.claimRef?.uid === claim.metadata.uid;
}

export interface ExpansionPlan {
  readonly size: Quantity;
  /** The same size was tried before: its status stays as it is. */
  readonly repeated: boolean;
}

/**
 * The size to ask the driver for; undefined while it is a node's turn.
 *
 * A size that was tried may be what the volume has become, so it is completed first, even if the claim asks for less by now; only after a
 * clear refusal does the new wish count.
 *
 * @param refused the driver has refused the last try for good
 */
export function planExpansion(claim: PersistentVolumeClaim, volume: PersistentVolume, refused: boolean): ExpansionPlan | undefined {
  const allocated = claim.status?.allocatedResources?.['storage'];
  const size = sizeToAsk(claim, volume, refused, allocated);
  return size === undefined ? undefined : { size, repeated: allocated !== undefined && compareQuantities(allocated, size) === 0 };
}

function sizeToAsk(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  refused: boolean,
  allocated: Quantity | undefined,
): Quantity | undefined {
  const wish = requestOf(claim);
  const size = volume.spec.capacity?.['storage'] ?? '0';
  const status = resizeStatusOf(claim);
  if (compareQuantities(size, wish) < 0) {
    switch (status) {
      case 'NodeResizeInfeasible':
        return allocated ?? wish;
      case 'NodeResizePending':
      case 'NodeResizeInProgress':
        return allocated !== undefined && compareQuantities(size, allocated) >= 0 ? undefined : (allocated ?? wish);
      case 'ControllerResizeInProgress':
        return refused ? wish : (allocated ?? wish);
      default:
        return wish;
    }
  }
  switch (status) {
    case 'NodeResizePending':
    case 'NodeResizeInProgress':
      return undefined;
    case '':
      if (allocated !== undefined) return allocated;
      return hasPendingFileSystem(claim) ? undefined : wish;
    default:
      return allocated ?? wish;
  }
}

const hasPendingFileSystem = ({ status }: PersistentVolumeClaim): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === 'FileSystemResizePending' && value === 'True') ?? false;

const RESIZE_CONDITIONS: ReadonlySet<string> = new Set(['Resizing', 'FileSystemResizePending', 'ControllerResizeError', 'NodeResizeError']);

/** The conditions with those of resizing replaced, or completed. */
export function withResizeConditions(
  old: readonly PersistentVolumeClaimCondition[] | undefined,
  fresh: readonly PersistentVolumeClaimCondition[],
  keepOld: boolean,
): readonly PersistentVolumeClaimCondition[] {
  const left = new Map(fresh.map((condition) => [condition.type, condition]));
  const result: PersistentVolumeClaimCondition[] = [];
  for (const condition of old ?? []) {
    const replacement = left.get(condition.type);
    left.delete(condition.type);
    if (!RESIZE_CONDITIONS.has(condition.type)) result.push(condition);
    else if (replacement) result.push(replacement);
    else if (keepOld) result.push(condition);
  }
  return [...result, ...left.values()];
}
