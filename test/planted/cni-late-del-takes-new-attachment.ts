// Wrong: attachments are known by the pod's name, so that the DEL of an old sandbox takes the address of the new one.
import type { AddRequest, DelRequest } from '@slipway/cni';
import { definePlugin } from '@slipway/plugin';
import network, { Network } from './correct/network.ts';

export default definePlugin({
  ...network,
  create: (context) =>
    new (class extends Network {
      readonly #newest = new Map<string, AddRequest>();

      override take(ip: string, request: AddRequest): void {
        super.take(ip, request);
        this.#newest.set(request.args?.['K8S_POD_NAME'] ?? '', request);
      }

      override del(request: DelRequest): void {
        super.del({ ...request, ...this.#newest.get(request.args?.['K8S_POD_NAME'] ?? '') });
        super.del(request);
      }
    })(context),
});
