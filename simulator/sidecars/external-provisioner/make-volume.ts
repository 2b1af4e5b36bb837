import type { CsiController, Volume } from '@slipway/csi';
import { type Client, messageOf, type Process, seconds } from '@slipway/kernel';
import { callDriver, isAnswer } from '../driver-error.ts';
import { ProvisionFailure, stateAfter } from './provision-failure.ts';
import type { VolumePlan } from './volume-object.ts';

/** Of each call. Source: `--timeout`. */
export const CALL_LIMIT = seconds(10);
/** Tries to get rid of a volume that will not do. */
const CLEANUP_TRIES = 5;

/**
 * Has the driver make the volume, and refuses one that is not what was asked for. Source: external-provisioner
 * `pkg/controller/controller.go`, Provision.
 *
 * @param mayReschedule another node may do better, should there be no room
 * @throws ProvisionFailure
 */
export function* makeVolume({ request }: VolumePlan, controller: Client<CsiController>, mayReschedule: boolean): Process<Volume> {
  let volume: Volume;
  try {
    ({ volume } = yield* callDriver(controller.createVolume(request), CALL_LIMIT));
  } catch (error) {
    if (!isAnswer(error)) throw error;
    throw new ProvisionFailure(messageOf(error), stateAfter(error, mayReschedule), error);
  }
  const wanted = request.capacityRange?.requiredBytes ?? 0;
  const got = volume.capacityBytes ?? 0;
  if (got !== 0 && got < wanted) {
    const why = `created volume capacity ${got} less than requested capacity ${wanted}`;
    const failed = yield* cleanUp(volume, request.secrets, controller);
    const text = failed === undefined ? why : `${why}. Cleanup of volume ${request.name} failed, volume is orphaned: ${failed}`;
    throw new ProvisionFailure(text, 'in-background');
  }
  if (request.volumeContentSource && !volume.contentSource) {
    const why = 'volume content source missing';
    const failed = yield* cleanUp(volume, request.secrets, controller);
    const text = failed === undefined ? why : `${why}. cleanup of volume ${request.name} failed, volume is orphaned: ${failed}`;
    throw new ProvisionFailure(text, 'in-background');
  }
  return volume;
}

/** Undefined when it is gone, else the last error. */
function* cleanUp(
  { volumeId }: Volume,
  secrets: Readonly<Record<string, string>> | undefined,
  controller: Client<CsiController>,
): Process<string | undefined> {
  let last: string | undefined;
  for (let left = CLEANUP_TRIES; left > 0; left--) {
    try {
      yield* callDriver(controller.deleteVolume({ volumeId, ...(secrets === undefined ? {} : { secrets }) }), CALL_LIMIT);
      return undefined;
    } catch (error) {
      if (!isAnswer(error)) throw error;
      last = messageOf(error);
    }
  }
  return last;
}
