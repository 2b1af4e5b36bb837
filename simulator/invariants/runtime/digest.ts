import type { ImageStatusRequest, ImageStatusResponse, PullImageRequest } from '@slipway/cri';
import { digestOf, type GetBlobRequest, type GetBlobResponse, type GetManifestRequest, type GetManifestResponse } from '@slipway/oci';
import { messageOf } from '@slipway/kernel';
import type { Exchange, Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** How runtimes say that content is not what its digest says. */
const CORRUPT = /digest.*(mismatch|does not|invalid|verif|expected)|(mismatch|unexpected).*digest|corrupt|checksum/i;

/**
 * Judged at each answer of a registry for a digest, by the digest of its bytes (once for each content); at each image that a runtime shows
 * for a name with a digest; and at each pull that fails for a digest that does not hold, while all that registries answered was right.
 */
export const ociDigest: Invariant = {
  id: 'OCI-04',
  name: 'digest',
  kind: 'S',
  holds: 'an image fetched by digest has that digest, and a correct cached layer is never called corrupt',
  watch: (_world, { violated, met }) => {
    const digests = new WeakMap<Uint8Array, string>();
    /** Nodes that a registry has given wrong content. */
    const misled = new Set<string>();
    const fetched = ({ call, answer }: Exchange, wanted: string, content: Uint8Array): void => {
      if (!DIGEST.test(wanted)) return;
      let digest = digests.get(content);
      if (digest === undefined) {
        digest = digestOf(content);
        digests.set(content, digest);
      }
      met();
      if (digest === wanted) return;
      misled.add(nodeOf(call.actor));
      violated(`${answer.actor} answered ${call.name} for ${wanted} with content whose digest is ${digest}`, `Image ${wanted}`);
    };
    return {
      answered: {
        'oci.Distribution/GetManifest'(exchange) {
          if (!exchange.ok) return;
          const { reference } = exchange.call.full as GetManifestRequest;
          fetched(exchange, reference, (exchange.answer.full as GetManifestResponse).content);
        },
        'oci.Distribution/GetBlob'(exchange) {
          if (!exchange.ok) return;
          const { digest, range } = exchange.call.full as GetBlobRequest;
          if (!range) fetched(exchange, digest, (exchange.answer.full as GetBlobResponse).content);
        },
        'cri.ImageService/ImageStatus'({ call, answer, ok }) {
          const { image } = (call.full as ImageStatusRequest).image;
          const at = image.indexOf('@');
          const shown = ok && at > 0 ? (answer.full as ImageStatusResponse).image : undefined;
          if (!shown) return;
          met();
          const digest = image.slice(at + 1);
          if (shown.id === digest || shown.repoDigests.some((name) => name.endsWith(`@${digest}`))) return;
          violated(`${answer.actor} shows ${shown.id} for ${image}, and that is not its digest`, `Image ${image}`);
        },
        'cri.ImageService/PullImage'({ call, answer, ok, disturbed }) {
          if (ok || disturbed || !CORRUPT.test(messageOf(answer.full)) || misled.has(nodeOf(call.actor))) return;
          const { image } = (call.full as PullImageRequest).image;
          met();
          violated(
            `${answer.actor} failed ${call.name} of ${image} (${messageOf(answer.full)}), though all that registries answered has its digest`,
            `Image ${image}`,
          );
        },
      },
    };
  },
};
