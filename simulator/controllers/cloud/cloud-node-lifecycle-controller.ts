import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import type { CpiClients } from '@slipway/cpi';
import { codeOf, every, messageOf, type Micros, milliseconds, type Process, seconds, spawn } from '@slipway/kernel';
import { findCondition, type Node, specWithTaints, type Stored, type Taint, taintKeys, withoutTaint, withTaint } from '@slipway/kube';
import { attempt } from '../periodic-pass.ts';
import { instanceProviderId } from './provider-id.ts';
import { type ConflictRetry, retryOnConflict } from './retry-on-conflict.ts';

/** nodeMonitorPeriod. */
const MONITOR_PERIOD: Micros = seconds(5);
const SHUTDOWN: Taint = { key: taintKeys.cloudShutdown, effect: 'NoSchedule' };
/** Source: `node/helpers/taints.go`, updateTaintBackoff. */
const TAINT_UPDATE: ConflictRetry = { steps: 5, pause: milliseconds(100) };

/** Index of the nodes that a pass has anything to do with. */
const ATTENTION = 'cloud-node-lifecycle';

/**
 * Deletes nodes whose machine is gone for good, and marks those whose machine is off. Only a definite "does not exist" deletes: while the
 * cloud is in doubt the node stays. Source: cloud-provider `controllers/nodelifecycle/node_lifecycle_controller.go`.
 */
export function cloudNodeLifecycleController({ cpi }: { readonly cpi: CpiClients }): ControllerDefinition {
  return defineController({
    name: 'cloud-node-lifecycle-controller',
    watches: [watch('nodes', { indexers: { [ATTENTION]: (node) => (needsAttention(node) ? ['yes'] : []) }, keys: () => [] })],
    *start(context) {
      yield* spawn('node monitor', monitor(context));
    },
    // All work is in the periodic pass; no watch gives a key.
    *reconcile() {},
  });

  function* monitor(context: ControllerContext): Process<never> {
    const nodes = context.informers.get('nodes');
    const beat = every(MONITOR_PERIOD);
    for (;;) {
      // Passes that would find every node ready are left out.
      yield* beat.next({ unless: [nodes.changed], quiet: () => nodes.byIndex(ATTENTION, 'yes').length === 0 });
      const names = nodes.byIndex(ATTENTION, 'yes').map(({ metadata }) => metadata.name);
      for (const name of names.sort()) {
        const node = nodes.get(name);
        if (node) yield* attempt(look(node, context), context, 'node monitor pass');
      }
    }
  }

  function* look(node: Stored<Node>, context: ControllerContext): Process {
    const { name } = node.metadata;
    if (isReady(node)) {
      yield* writeTaints(node, (taints) => withoutTaint(taints, SHUTDOWN), context);
      return;
    }
    const exists = yield* certain(existsInCloud(node), `error checking if node ${name} exists`, name, context);
    if (exists === undefined) return;
    if (!exists) {
      yield* remove(node, context);
      return;
    }
    const shutdown = yield* certain(shutDownInCloud(node), `error checking if node ${name} is shutdown`, name, context);
    if (shutdown) yield* writeTaints(node, (taints) => withTaint(taints, SHUTDOWN), context);
  }

  function* existsInCloud(node: Stored<Node>): Process<boolean> {
    if (cpi.instancesV2) return (yield* cpi.instancesV2.instanceExists({ node })).exists;
    const providerId = yield* providerIdOf(node);
    if (providerId === undefined || !cpi.instances) return false;
    return (yield* cpi.instances.instanceExistsByProviderId({ providerId })).exists;
  }

  function* shutDownInCloud(node: Stored<Node>): Process<boolean> {
    if (cpi.instancesV2) return (yield* cpi.instancesV2.instanceShutdown({ node })).shutdown;
    const providerId = yield* providerIdOf(node);
    if (providerId === undefined || !cpi.instances) return false;
    try {
      return (yield* cpi.instances.instanceShutdownByProviderId({ providerId })).shutdown;
    } catch (error) {
      if (codeOf(error) === 'NotImplemented') return false;
      throw error;
    }
  }

  /** For a provider without InstancesV2. Undefined: it knows no machine of this name. */
  function* providerIdOf(node: Stored<Node>): Process<string | undefined> {
    if (node.spec.providerID) return node.spec.providerID;
    try {
      return yield* instanceProviderId(cpi, node.metadata.name);
    } catch (error) {
      if (codeOf(error) === 'InstanceNotFound') return undefined;
      throw error;
    }
  }
}

const isReady = (node: Node): boolean => findCondition(node.status?.conditions, 'Ready')?.status === 'True';

const needsAttention = (node: Node): boolean => !isReady(node) || (node.spec.taints?.some(({ key }) => key === SHUTDOWN.key) ?? false);

/** The provider's answer; undefined, with a line in the trace, while it has none. */
function* certain(call: Process<boolean>, what: string, node: string, { log }: ControllerContext): Process<boolean | undefined> {
  try {
    return yield* call;
  } catch (error) {
    log(`${what}: ${messageOf(error)}`, node);
    return undefined;
  }
}

function* remove({ apiVersion, kind, metadata: { name, uid } }: Stored<Node>, { api, events, log }: ControllerContext): Process {
  const reference = { apiVersion, kind, name, uid };
  log('deleting node since it is no longer present in cloud provider', name);
  events.normal(reference, 'DeletingNode', `Deleting node ${name} because it does not exist in the cloud provider`);
  try {
    // The verdict was about this node, and not about one that has come under its name since.
    yield* api.nodes.delete({ name, preconditions: { uid } });
  } catch (error) {
    events.warning(reference, 'DeletingNodeFailed', `Failed deleting node ${name}: ${messageOf(error)}`);
  }
}

function* writeTaints(
  node: Stored<Node>,
  change: (taints: readonly Taint[]) => readonly Taint[],
  { api, informers, log }: ControllerContext,
): Process {
  const { name, uid } = node.metadata;
  try {
    yield* retryOnConflict(TAINT_UPDATE, function* () {
      const current = informers.get('nodes').get(name);
      if (current?.metadata.uid !== uid) return;
      const old = current.spec.taints ?? [];
      const taints = change(old);
      if (taints !== old) yield* api.nodes.update({ ...current, spec: specWithTaints(current.spec, taints) });
    });
  } catch (error) {
    log(`error patching node taints: ${messageOf(error)}`, name);
  }
}
