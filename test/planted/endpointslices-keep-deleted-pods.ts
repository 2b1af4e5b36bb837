// Wrong: endpoints are added and never taken away.
import type { ControllerContext } from '@slipway/client';
import type { EndpointSlice, Service, Stored } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';
import { EndpointSlices } from './correct/endpoint-slices.ts';

export default definePlugin({
  interface: 'controller',
  name: 'endpointslice-controller',
  create: () =>
    new (class extends EndpointSlices {
      override endpointsOf(service: Stored<Service>, context: ControllerContext): EndpointSlice['endpoints'] {
        const now = super.endpointsOf(service, context);
        const { namespace, name } = service.metadata;
        const before = context.informers.get('endpointslices').get(`${namespace}/${name}-own`)?.endpoints ?? [];
        return [...now, ...before.filter((old) => !now.some(({ targetRef }) => targetRef?.uid === old.targetRef?.uid))];
      }
    })().definition,
});
