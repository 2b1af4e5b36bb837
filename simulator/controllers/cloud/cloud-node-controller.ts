import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import type { CpiClients } from '@slipway/cpi';
import { every, messageOf, type Micros, milliseconds, minutes, type Process, spawn } from '@slipway/kernel';
import type { Node, NodeAddress, Stored } from '@slipway/kube';
import { addressesDiffer, addressesFor } from './node-addresses.ts';
import { fetchAddresses, fetchMetadata, initialized, isUninitialized, labelsToReconcile } from './node-metadata.ts';
import { type ConflictRetry, retryOnConflict } from './retry-on-conflict.ts';

/** Period in which the addresses of all nodes are compared with the cloud's (nodeStatusUpdateFrequency). */
const STATUS_UPDATE: Micros = minutes(5);
/** Source: UpdateNodeSpecBackoff. */
const NODE_UPDATE: ConflictRetry = { steps: 20, pause: milliseconds(50) };

/**
 * Initialises nodes with what the cloud knows of them, which lets ordinary pods in, and keeps their addresses right. Source:
 * cloud-provider `controllers/node/node_controller.go`.
 */
export function cloudNodeController({ cpi }: { readonly cpi: CpiClients }): ControllerDefinition {
  return defineController({
    name: 'cloud-node-controller',
    watches: [
      watch('nodes', {
        keys: (node, { event }) => (event !== 'DELETED' && (isUninitialized(node) || labelsToReconcile(node)) ? [node.metadata.name] : []),
      }),
    ],
    *start(context) {
      yield* spawn('address refresh', refreshAddresses(context));
    },
    *reconcile(name, context) {
      const node = context.informers.get('nodes').get(name);
      if (!node) return;
      if (isUninitialized(node)) yield* initialize(node, context);
      else yield* reconcileLabels(node, context);
    },
  });

  function* initialize(node: Stored<Node>, context: ControllerContext): Process {
    const { name } = node.metadata;
    const metadata = yield* prefixed(`failed to get instance metadata for node ${name}`, fetchMetadata(cpi, node));
    if (!metadata) {
      context.log('the cloud knows nothing of it yet', name);
      return;
    }
    const updated = yield* retryOnConflict(NODE_UPDATE, function* () {
      const current = context.informers.get('nodes').get(name);
      if (!current) return undefined;
      return yield* context.api.nodes.update(initialized(current, metadata));
    });
    if (!updated) return;
    // At once, so that nobody sees an initialised node without its addresses for long.
    yield* writeAddresses(updated, metadata.nodeAddresses, context);
    context.events.normal(node, 'Synced', 'Node synced successfully');
  }

  function* reconcileLabels(node: Stored<Node>, { api }: ControllerContext): Process {
    const labels = labelsToReconcile(node);
    if (labels) yield* api.nodes.patch({ name: node.metadata.name, patch: { metadata: { labels } } });
  }

  /** At the start and then on a grid: one call per node, and a write only where something has changed. */
  function* refreshAddresses(context: ControllerContext): Process<never> {
    const beat = every(STATUS_UPDATE);
    for (;;) {
      const nodes = [...context.informers.get('nodes').list()].sort(byName);
      for (const { metadata } of nodes) {
        const node = context.informers.get('nodes').get(metadata.name);
        if (!node || isUninitialized(node)) continue;
        try {
          yield* writeAddresses(node, yield* fetchAddresses(cpi, node), context);
        } catch (error) {
          context.log(`Error getting instance metadata for node addresses: ${messageOf(error)}`, metadata.name);
        }
      }
      yield* beat.next();
    }
  }
}

const byName = (a: Stored<Node>, b: Stored<Node>): number => (a.metadata.name < b.metadata.name ? -1 : 1);

/** What the cloud does not say is no reason to take anything away; a write that fails is made at the next refresh. */
function* writeAddresses(node: Stored<Node>, cloud: readonly NodeAddress[], { api, log }: ControllerContext): Process {
  if (cloud.length === 0) return;
  const { name } = node.metadata;
  try {
    const addresses = addressesFor(node, cloud);
    if (!addressesDiffer(node.status?.addresses ?? [], addresses)) return;
    // The list is replaced as a whole: its order is what "first address" means to everyone else.
    yield* api.nodes.patch({
      name,
      subresource: 'status',
      type: 'merge',
      patch: { status: { addresses: addresses.map((each) => ({ ...each })) } },
    });
  } catch (error) {
    log(`Failed to update node addresses for node "${name}": ${messageOf(error)}`, name);
  }
}

function* prefixed<T>(what: string, call: Process<T>): Process<T> {
  try {
    return yield* call;
  } catch (error) {
    throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
  }
}
