import {
  accessModes,
  type CapacityRange,
  type ControllerPublishVolumeRequest,
  type CreateSnapshotRequest,
  type CreateVolumeRequest,
  type NodePublishVolumeRequest,
  type NodeStageVolumeRequest,
  type Topology,
  type TopologyRequirement,
  type VolumeCapability,
  type VolumeContentSource,
} from '@slipway/csi';
import fc from 'fast-check';
import { arbitraryLabelName, arbitraryPath } from './names.ts';
import { objectOf } from './object-of.ts';

const GIB = 2 ** 30;
const idLetters = [...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789', '-', '_', '.', ':'];

/** An id of a volume, snapshot or node, as drivers make them up. */
export function arbitraryCsiId(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...idLetters), minLength: 1, maxLength: 40 });
}

/** A name for a volume or snapshot: any text without control characters, at most 128 bytes; mostly as Kubernetes makes them. */
export function arbitraryCsiName(): fc.Arbitrary<string> {
  const odd = fc.string({ unit: fc.constantFrom('a', 'Z', '0', ' ', '/', '\n', 'é', '漢', '🚢'), minLength: 1, maxLength: 32 });
  return fc.oneof({ weight: 3, arbitrary: fc.uuid().map((uid) => `pvc-${uid}`) }, { weight: 1, arbitrary: odd });
}

/** A small map as parameters and contexts are. */
export function arbitraryCsiMap(): fc.Arbitrary<Record<string, string>> {
  return fc.dictionary(arbitraryLabelName(12), fc.string({ maxLength: 20 }), { maxKeys: 3, noNullPrototype: true });
}

/** Secrets: keys of letters, digits, `-`, `_` and `.`. */
export function arbitraryCsiSecrets(): fc.Arbitrary<Record<string, string>> {
  const key = fc.string({ unit: fc.constantFrom('a', 'B', '7', '-', '_', '.'), minLength: 1, maxLength: 8 });
  return fc.dictionary(key, fc.string({ minLength: 1, maxLength: 20 }), { maxKeys: 2, noNullPrototype: true });
}

/** Block or mount, in any mode. @param modes left out: every mode of the spec */
export function arbitraryVolumeCapability(modes = accessModes): fc.Arbitrary<VolumeCapability> {
  const mount = objectOf({}, { fsType: fc.constantFrom('ext4', 'xfs', ''), mountFlags: fc.constant(['noatime']) });
  const kind = fc.oneof(fc.constant({ block: {} }), { weight: 3, arbitrary: mount.map((mounted) => ({ mount: mounted })) });
  return fc.tuple(kind, fc.constantFrom(...modes)).map(([use, mode]) => ({ ...use, accessMode: { mode } }));
}

/** A size that is possible in principle: at least, at most, or both; from a byte to 64 GiB. */
export function arbitraryCapacityRange(): fc.Arbitrary<CapacityRange> {
  const bytes = fc.oneof(
    fc.integer({ min: 1, max: 64 }).map((gibibytes) => gibibytes * GIB),
    fc.integer({ min: 1, max: 64 * GIB }),
  );
  return fc.oneof(
    bytes.map((requiredBytes) => ({ requiredBytes })),
    bytes.map((limitBytes) => ({ limitBytes })),
    fc.tuple(bytes, fc.nat({ max: GIB })).map(([requiredBytes, more]) => ({ requiredBytes, limitBytes: requiredBytes + more })),
  );
}

/** A place: a zone, perhaps a rack in it, under keys of one prefix. */
export function arbitraryTopology(prefix = 'topology.example.com'): fc.Arbitrary<Topology> {
  const segment = arbitraryLabelName(8);
  return fc
    .tuple(segment, fc.option(segment, { nil: undefined }))
    .map(([zone, rack]) => ({ segments: { [`${prefix}/zone`]: zone, ...(rack === undefined ? {} : { [`${prefix}/rack`]: rack }) } }));
}

/** Where a volume must or should be; what is preferred is among what is allowed. */
export function arbitraryTopologyRequirement(): fc.Arbitrary<TopologyRequirement> {
  const places = fc.array(arbitraryTopology(), { minLength: 1, maxLength: 3 });
  return places.chain((requisite) =>
    fc.oneof(
      fc.constant({ requisite }),
      fc.constant({ preferred: requisite }),
      fc.shuffledSubarray(requisite).map((preferred) => ({ requisite, preferred })),
    ),
  );
}

/** A snapshot or a volume, which is only named. */
export function arbitraryVolumeContentSource(): fc.Arbitrary<VolumeContentSource> {
  return fc.oneof(
    arbitraryCsiId().map((snapshotId) => ({ snapshot: { snapshotId } })),
    arbitraryCsiId().map((volumeId) => ({ volume: { volumeId } })),
  );
}

/** `createVolume`, without source and place unless the caller adds them. */
export function arbitraryCreateVolumeRequest(): fc.Arbitrary<CreateVolumeRequest> {
  return objectOf(
    { name: arbitraryCsiName(), volumeCapabilities: fc.array(arbitraryVolumeCapability(), { minLength: 1, maxLength: 2 }) },
    { capacityRange: arbitraryCapacityRange(), parameters: arbitraryCsiMap(), secrets: arbitraryCsiSecrets() },
  );
}

/** `createSnapshot` of a volume, which is only named. */
export function arbitraryCreateSnapshotRequest(sourceVolumeId = arbitraryCsiId()): fc.Arbitrary<CreateSnapshotRequest> {
  return objectOf({ name: arbitraryCsiName(), sourceVolumeId }, { parameters: arbitraryCsiMap(), secrets: arbitraryCsiSecrets() });
}

/** `controllerPublishVolume`. @param volumeId left out: any @param nodeId left out: any */
export function arbitraryControllerPublishVolumeRequest(
  volumeId = arbitraryCsiId(),
  nodeId = arbitraryCsiId(),
): fc.Arbitrary<ControllerPublishVolumeRequest> {
  return objectOf(
    { volumeId, nodeId, volumeCapability: arbitraryVolumeCapability(), readonly: fc.boolean() },
    { volumeContext: arbitraryCsiMap(), secrets: arbitraryCsiSecrets() },
  );
}

/** `nodeStageVolume`. The staging path is only named: whoever sends it makes the directory first. */
export function arbitraryNodeStageVolumeRequest(volumeId = arbitraryCsiId()): fc.Arbitrary<NodeStageVolumeRequest> {
  return objectOf(
    { volumeId, stagingTargetPath: arbitraryPath(), volumeCapability: arbitraryVolumeCapability() },
    { publishContext: arbitraryCsiMap(), volumeContext: arbitraryCsiMap(), secrets: arbitraryCsiSecrets() },
  );
}

/** `nodePublishVolume`. The target path is only named: whoever sends it makes its parent first. */
export function arbitraryNodePublishVolumeRequest(volumeId = arbitraryCsiId()): fc.Arbitrary<NodePublishVolumeRequest> {
  return objectOf(
    { volumeId, targetPath: arbitraryPath(), volumeCapability: arbitraryVolumeCapability(), readonly: fc.boolean() },
    {
      stagingTargetPath: arbitraryPath(),
      publishContext: arbitraryCsiMap(),
      volumeContext: arbitraryCsiMap(),
      secrets: arbitraryCsiSecrets(),
    },
  );
}
