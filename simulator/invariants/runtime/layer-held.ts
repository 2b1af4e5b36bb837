import type { CreateContainerRequest, PullImageRequest, PullImageResponse, RemoveImageRequest } from '@slipway/cri';
import { messageOf, type TraceRecord } from '@slipway/kernel';
import { Remembered } from '../facts/remembered.ts';
import { isLinkFailure } from '../dispatch.ts';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** How runtimes say that a part of an image is not there: `layer … not found`, `snapshot … does not exist`. */
const MISSING = /(layer|blob|snapshot|content|parent|chain)\b.*(not found|does not exist|no such|missing)|missing (layer|blob|content)/i;

/**
 * A pull that a removal of another image runs beside must end with all its layers. Judged by the pull's own answer, and by creates with
 * its image until somebody asks to remove that one. Registries say "not found" as well: a pull without a removal beside it is not judged.
 */
export const layerHeld: Invariant = {
  id: 'OCI-05',
  name: 'layer-held',
  kind: 'S',
  holds: 'a layer used by a pull in progress is not collected',
  watch: (_world, { violated, met }) => {
    /** Pulls under way by node, and whether a removal ran beside them. */
    const pulls = new Map<string, Map<number, boolean>>();
    /** Images that were pulled beside a removal, by node and reference. */
    const exposed = new Remembered<string>();
    const collecting = (call: TraceRecord): void => {
      const underWay = pulls.get(nodeOf(call.actor));
      for (const seq of underWay?.keys() ?? []) underWay?.set(seq, true);
    };
    return {
      called: {
        'cri.ImageService/PullImage'(call) {
          const node = nodeOf(call.actor);
          const underWay = pulls.get(node);
          if (underWay) underWay.set(call.seq, false);
          else pulls.set(node, new Map([[call.seq, false]]));
        },
        'cri.ImageService/RemoveImage'(call) {
          collecting(call);
          exposed.delete(`${nodeOf(call.actor)} ${(call.full as RemoveImageRequest).image.image}`);
        },
      },
      answered: {
        // Layers go when the last container that has them goes, too.
        'cri.ImageService/RemoveImage': ({ call }) => collecting(call),
        'cri.ImageService/PullImage'({ call, answer, ok, code, disturbed }) {
          const node = nodeOf(call.actor);
          const wasBeside = pulls.get(node)?.get(call.seq) === true;
          pulls.get(node)?.delete(call.seq);
          if (!wasBeside) return;
          met();
          const { image } = (call.full as PullImageRequest).image;
          if (ok) exposed.set(`${node} ${(answer.full as PullImageResponse).imageRef}`, image);
          else if (!disturbed && !isLinkFailure(code) && MISSING.test(messageOf(answer.full))) {
            violated(
              `${answer.actor} failed ${call.name} of ${image} while another image was removed: ${messageOf(answer.full)}`,
              `Image ${image}`,
            );
          }
        },
        'cri.RuntimeService/CreateContainer'({ call, answer, ok, code, disturbed }) {
          const { config, sandboxConfig } = call.full as CreateContainerRequest;
          const image = exposed.get(`${nodeOf(call.actor)} ${config.image.image}`);
          if (ok || image === undefined || disturbed || isLinkFailure(code) || !MISSING.test(messageOf(answer.full))) return;
          const { namespace, name } = sandboxConfig.metadata;
          violated(
            `${answer.actor} cannot create a container of ${image}, which was pulled while another image was removed: ${messageOf(answer.full)}`,
            `Image ${image}`,
            `Pod ${namespace}/${name}`,
          );
        },
      },
    };
  },
};
