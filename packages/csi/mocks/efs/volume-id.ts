import { normalPath } from '@slipway/host';

/** What a volume handle says: a file system, a folder in it, a door to it. */
export interface EfsVolume {
  readonly fileSystemId: string;
  readonly path?: string;
  readonly accessPointId?: string;
}

const FILE_SYSTEM = /^fs-[0-9a-f]{8,40}$/;
const ACCESS_POINT = /^fsap-[0-9a-f]{8,40}$/;

/** `fs-…::fsap-…`, as users know it; since version 3 upstream puts `efs:` before it. */
export const volumeIdOf = ({ fileSystemId, path = '', accessPointId }: EfsVolume): string =>
  accessPointId === undefined ? `${fileSystemId}:${path}` : `${fileSystemId}:${path}:${accessPointId}`;

/**
 * Reads `[efs:]fs-…[:path[:fsap-…]]`. Returns what is wrong with any other text.
 *
 * Source: aws-efs-csi-driver pkg/driver/node.go, parseVolumeId.
 */
export function parseVolumeId(volumeId: string): EfsVolume | string {
  const wrong = (why: string): string => `volume ID '${volumeId}' is invalid: ${why}`;
  const withType = volumeId.startsWith('efs:');
  const fields = (withType ? volumeId.slice('efs:'.length) : volumeId).split(':');
  if (fields.length > 3) return wrong(`Expected at most ${withType ? 'four' : 'three'} fields separated by ':'`);
  const [fileSystemId = '', path = '', accessPointId = ''] = fields;
  if (!FILE_SYSTEM.test(fileSystemId)) return wrong("Expected a file system ID of the form 'fs-[0-9a-f]{8,40}'");
  if (accessPointId !== '' && !ACCESS_POINT.test(accessPointId))
    return `volume ID '${volumeId}' has an invalid access point ID '${accessPointId}': Expected it to be of the form 'fsap-[0-9a-f]{8,40}'`;
  return {
    fileSystemId,
    ...(path === '' ? {} : { path: normalPath(path) }),
    ...(accessPointId === '' ? {} : { accessPointId }),
  };
}
