import type { ApiClient } from '@slipway/client';
import type { MeshServices } from '@slipway/smi';
import { LinkerdMesh, linkerd } from '@slipway/smi/mocks';
import { definePlugin } from '@slipway/plugin';
import { changed } from './changed.ts';

/** A mesh that lets nobody in whom no TrafficTarget allows, with some methods changed. */
export function meshWith(change: (good: MeshServices, api: ApiClient) => Partial<MeshServices> = () => ({})) {
  return definePlugin({
    ...linkerd,
    name: 'my-mesh',
    create: ({ options, api, now }) =>
      changed<MeshServices>(new LinkerdMesh({ options: { ...options, defaultInboundPolicy: 'deny' }, api, now }), (good) =>
        change(good, api),
      ),
  });
}

export default meshWith();
