import type { AddRequest, DelRequest } from '@slipway/cni';
import { minutes, type Micros } from '@slipway/kernel';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import type { Owner } from '@slipway/kernel';

/** Longer than a runtime takes to undo what it cannot finish, or to try again to. */
const PATIENCE: Micros = minutes(5);

/** A chain whose ADD has failed somewhere. */
interface Rollback {
  readonly node: string;
  readonly containerId: string;
  readonly pod: string;
  /** Types of the plugins that were asked to ADD, in that order. */
  readonly added: readonly string[];
  readonly failed: string;
  readonly since: Micros;
  readonly power: Owner | undefined;
  /** Types that have been asked to DEL since. */
  readonly deleted: Set<string>;
}

/**
 * Judged at each DEL that follows: a plugin is not asked before those that came after it in the chain. And at rest: none was left out,
 * unless a DEL failed, after which a runtime may give up until the next try. Chains of one plugin have no order; NET-06 has them.
 */
export const chainRollback: Invariant = {
  id: 'NET-04',
  name: 'chain-rollback',
  kind: 'S',
  holds: 'if one plugin of a chain fails, the whole chain gets DEL in reverse order',
  watch: (world, verdict, { attachments }) => {
    const { violated, met } = verdict;
    /** Types that were asked to ADD since the last one without a result before it, by attachment. */
    const chains = new Map<string, string[]>();
    const open = new Map<string, Rollback>();
    const keyOf = (actor: string, { containerId, ifname, config }: DelRequest): string =>
      `${nodeOf(actor)}/${containerId}/${ifname}/${config.name}`;
    return {
      called: {
        'cni.Plugin/Add'(call) {
          const request = call.full as AddRequest;
          const key = keyOf(call.actor, request);
          open.delete(key);
          if (request.config.prevResult) chains.get(key)?.push(request.config.type);
          else chains.set(key, [request.config.type]);
        },
        'cni.Plugin/Del'(call) {
          const request = call.full as DelRequest;
          const key = keyOf(call.actor, request);
          const rollback = open.get(key);
          const { type } = request.config;
          if (!rollback || rollback.deleted.has(type)) return;
          rollback.deleted.add(type);
          const at = rollback.added.indexOf(type);
          const skipped = at < 0 ? undefined : rollback.added.slice(at + 1).find((later) => !rollback.deleted.has(later));
          if (skipped !== undefined) {
            violated(
              `${call.actor} asks ${type} to undo its part of ${rollback.pod} before ${skipped}, which came after it in the chain`,
              `Pod ${rollback.pod}`,
            );
          }
          if (rollback.added.every((each) => rollback.deleted.has(each))) open.delete(key);
        },
        'cni.Plugin/Gc'(call) {
          for (const [key, { node }] of open) if (node === nodeOf(call.actor)) open.delete(key);
        },
      },
      answered: {
        'cni.Plugin/Add'({ call, ok }) {
          const request = call.full as AddRequest;
          const key = keyOf(call.actor, request);
          const added = chains.get(key);
          if (ok || !added || added.length < 2) return;
          met();
          const { args = {}, containerId } = request;
          const node = nodeOf(call.actor);
          open.set(key, {
            node,
            containerId,
            pod: args['K8S_POD_NAME'] === undefined ? containerId.slice(0, 13) : `${args['K8S_POD_NAMESPACE']}/${args['K8S_POD_NAME']}`,
            added: [...added],
            failed: request.config.type,
            since: call.at,
            power: attachments.powerOf(node),
            deleted: new Set(),
          });
        },
        'cni.Plugin/Del'({ call, ok }) {
          const request = call.full as DelRequest;
          const key = keyOf(call.actor, request);
          if (!ok) open.delete(key);
          else if (attachments.of(nodeOf(call.actor), request.containerId).length === 0) chains.delete(key);
        },
      },
      atRest() {
        for (const [key, { node, pod, added, failed, since, power, deleted }] of open) {
          if (power === undefined || power !== attachments.powerOf(node)) open.delete(key);
          else if (world.kernel.now - since >= PATIENCE) {
            if (!verdict.isAsking) open.delete(key);
            const left = added.filter((type) => !deleted.has(type));
            violated(
              `the chain ${added.join(', ')} failed at ${failed} for ${pod} on ${node}, and ${left.join(' and ')} was never asked to undo its part`,
              `Pod ${pod}`,
            );
          }
        }
      },
    };
  },
};
