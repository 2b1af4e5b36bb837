import { type ControllerContext, type ControllerDefinition, defineController, type ReconcileResult, watch } from '@slipway/client';
import type { CsiIdentity, CsiNode } from '@slipway/csi';
import { type Client, messageOf, type Process } from '@slipway/kernel';
import { isAnswer } from './driver-error.ts';
import { learnName } from './driver-info.ts';
import { RetryDelays } from './retry-delays.ts';

/** The kubelet's plugin directory, as far as a registrar needs it. `simulator/kubelet/volumes/csi/driver-registry.ts` has one. */
export interface DriverRegistry {
  register(driver: { readonly name: string; readonly node: Client<CsiNode> }): Process;
  readonly names: ReadonlySet<string>;
}

export interface RegistrarOptions {
  readonly node: string;
  readonly identity: Client<CsiIdentity>;
  readonly csiNode: Client<CsiNode>;
  readonly kubelet: DriverRegistry;
}

/**
 * Makes a driver known to the kubelet of its node: when it comes up, and whenever the kubelet has forgotten it or the node's CSINode has lost
 * it. After a restart of the driver or the kubelet it is started anew. Source: kubernetes-csi/node-driver-registrar.
 */
export function nodeDriverRegistrar({ node, identity, csiNode, kubelet }: RegistrarOptions): ControllerDefinition {
  const delays = new RetryDelays();
  let name = '';

  return defineController({
    name: 'node-driver-registrar',
    watches: [watch('csinodes', { fieldSelector: `metadata.name=${node}`, keys: () => [node] })],
    *start(context) {
      name = yield* learnName(identity, (message) => context.log(message));
      context.queue.add(node);
    },
    *reconcile(key, context) {
      const known = context.informers.get('csinodes', { fieldSelector: `metadata.name=${node}` }).get(node);
      const isListed = known?.spec.drivers.some((driver) => driver.name === name) ?? false;
      if (isListed && kubelet.names.has(name)) return undefined;
      return yield* register(key, context);
    },
  });

  function* register(key: string, { log }: ControllerContext): Process<ReconcileResult | undefined> {
    try {
      yield* kubelet.register({ name, node: csiNode });
      delays.forget(key);
      return undefined;
    } catch (error) {
      if (!isAnswer(error)) throw error;
      log(`will register again: ${messageOf(error)}`, name);
      return { requeueAfter: delays.next(key) };
    }
  }
}
