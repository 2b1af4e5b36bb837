import { CsiError } from '../../errors.ts';
import type { CapacityRange, CreateVolumeRequest, TopologyRequirement } from '../../messages/index.ts';

// Source of names and messages: aws-ebs-csi-driver pkg/driver/controller.go, controller_modify_volume.go, constants.go.

/** Label of nodes and key of volumes' topology. */
export const ZONE_KEY = 'topology.kubernetes.io/zone';
/** What volumes of older versions say; a wish may still name it. */
const OWN_ZONE_KEY = 'topology.ebs.csi.aws.com/zone';

/** By this tag the driver knows its volumes; the value is the name that the caller gave. */
export const VOLUME_NAME_TAG = 'CSIVolumeName';
export const SNAPSHOT_NAME_TAG = 'CSIVolumeSnapshotName';
export const DRIVER_TAG = 'ebs.csi.aws.com/cluster';

export const GIB = 2 ** 30;

/** A volume without a wish for its size. Source: pkg/cloud/cloud.go, DefaultVolumeSize. */
const DEFAULT_GIB = 100;
/** No disk is larger. Source: Amazon EBS User Guide, "Amazon EBS volume types". */
const LARGEST_GIB = 65_536;

/** Parameters that upstream knows and that change nothing in a simulation. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  'fstype',
  'allowautoiopsincreaseonmodify',
  'allowautoiopspergbincrease',
  'volumeinitializationrate',
  'kmskeyid',
  'blockexpress',
  'blocksize',
  'inodesize',
  'bytesperinode',
  'numberofinodes',
  'ext4bigalloc',
  'ext4clustersize',
  'ext4encryptionsupport',
  'blockattachuntilinitialized',
]);

const TAGS: Readonly<Record<string, string>> = {
  'csi.storage.k8s.io/pvc/name': 'kubernetes.io/created-for/pvc/name',
  'csi.storage.k8s.io/pvc/namespace': 'kubernetes.io/created-for/pvc/namespace',
  'csi.storage.k8s.io/pv/name': 'kubernetes.io/created-for/pv/name',
};

/** How fast a volume shall be, and what kind. */
export interface Wishes {
  readonly volumeType?: string;
  readonly iops?: number;
  readonly throughput?: number;
}

/** What a StorageClass says of a volume. */
export interface VolumeParameters extends Wishes {
  readonly iopsPerGB?: number;
  readonly encrypted: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** Parameters that are taken and do nothing. */
  readonly ignored: readonly string[];
}

const refuse = (message: string): never => {
  throw new CsiError('INVALID_ARGUMENT', message);
};

/** As Go's ParseInt says it. */
function whole(value: string, message: (why: string) => string): number {
  if (!/^[+-]?\d+$/.test(value)) return refuse(message(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`));
  return Number(value);
}

/** @throws CsiError INVALID_ARGUMENT */
export function volumeParameters({ name, parameters = {}, mutableParameters = {} }: CreateVolumeRequest): VolumeParameters {
  let wishes: Wishes = {};
  let iopsPerGB: number | undefined;
  let encrypted = false;
  const tags: Record<string, string> = { [VOLUME_NAME_TAG]: name, [DRIVER_TAG]: 'true' };
  const ignored: string[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    const lower = key.toLowerCase();
    const tag = TAGS[lower];
    if (lower === 'type') wishes = { ...wishes, volumeType: value };
    else if (lower === 'iops') wishes = { ...wishes, iops: whole(value, (why) => `Could not parse invalid iops: ${why}`) };
    else if (lower === 'throughput')
      wishes = { ...wishes, throughput: whole(value, (why) => `Could not parse invalid throughput: ${why}`) };
    else if (lower === 'iopspergb') iopsPerGB = whole(value, (why) => `Could not parse invalid iopsPerGB: ${why}`);
    else if (lower === 'encrypted') encrypted = value === 'true';
    else if (tag !== undefined) tags[tag] = value;
    else if (key.startsWith('tagSpecification')) addTag(tags, value);
    else if (WITHOUT_EFFECT.has(lower)) ignored.push(key);
    else refuse(`Invalid parameter key ${key} for CreateVolume`);
  }
  // Mutable parameters count before those of the class. Spec: "CreateVolume".
  const { tagSpecifications, ...mutable } = mutableWishes(mutableParameters);
  for (const tag of tagSpecifications) addTag(tags, tag);
  return { ...wishes, ...mutable, ...(iopsPerGB === undefined ? {} : { iopsPerGB }), encrypted, tags, ignored };
}

/** @throws CsiError INVALID_ARGUMENT */
export function mutableWishes(parameters: Readonly<Record<string, string>>): Wishes & { readonly tagSpecifications: readonly string[] } {
  let wishes: Wishes = {};
  const tagSpecifications: string[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    if (key === 'iops') wishes = { ...wishes, iops: whole(value, () => `Could not parse IOPS: ${JSON.stringify(value)}`) };
    else if (key === 'throughput')
      wishes = { ...wishes, throughput: whole(value, () => `Could not parse throughput: ${JSON.stringify(value)}`) };
    else if (key === 'type') wishes = { ...wishes, volumeType: value };
    else if (key === 'volumeType') wishes = { volumeType: value, ...wishes };
    else if (key.startsWith('tagSpecification')) tagSpecifications.push(value);
    else refuse(`Invalid mutable parameter key: ${key}`);
  }
  return { ...wishes, tagSpecifications };
}

function addTag(tags: Record<string, string>, text: string): void {
  const equals = text.indexOf('=');
  if (equals < 1) refuse(`Invalid tag value: the key-value pair doesn't contain a value (string: ${text})`);
  tags[text.slice(0, equals)] = text.slice(equals + 1);
}

/**
 * The size that a volume gets, in GiB. Where upstream says INVALID_ARGUMENT of a range without a whole GiB, this says OUT_OF_RANGE, as the
 * spec wants.
 *
 * @throws CsiError OUT_OF_RANGE
 */
export function sizeGiB({ requiredBytes = 0, limitBytes = 0 }: CapacityRange = {}): number {
  const unasked = limitBytes > 0 ? Math.min(DEFAULT_GIB, Math.floor(limitBytes / GIB)) : DEFAULT_GIB;
  const size = Math.max(1, requiredBytes > 0 ? Math.ceil(requiredBytes / GIB) : unasked);
  if (size > LARGEST_GIB) throw new CsiError('OUT_OF_RANGE', `Requested ${size} GiB, and a volume has at most ${LARGEST_GIB} GiB`);
  if (limitBytes > 0 && limitBytes < size * GIB)
    throw new CsiError('OUT_OF_RANGE', 'After round-up, volume size exceeds the limit specified');
  return size;
}

/** The zones that are wanted, the dearest first. Segments of the driver's own key count too. */
export function wantedZones({ preferred = [], requisite = [] }: TopologyRequirement = {}): readonly string[] {
  const zones = [...preferred, ...requisite].map(({ segments = {} }) => segments[ZONE_KEY] ?? segments[OWN_ZONE_KEY]);
  return [...new Set(zones.filter((zone) => zone !== undefined))];
}
