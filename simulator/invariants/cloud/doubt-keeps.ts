import type { ExistsResponse, NodeRequest } from '@slipway/cpi';
import type { Invariant } from '../invariant.ts';

const LIFECYCLE = 'cloud-node-lifecycle-controller';

interface Answer {
  readonly seq: number;
  readonly gone: boolean;
}

/** Answers about one node that are remembered. */
const KEPT = 8;

/**
 * The last answer before the delete was sent is the one that counts: a delete may be long on its way. A provider of the old kind that does
 * not know a node by its name has said so too.
 */
export const doubtKeeps: Invariant = {
  id: 'CPI-02',
  name: 'doubt-keeps',
  kind: 'S',
  holds: 'a node object is deleted only on a definite "does not exist", never on a cloud error',
  watch: (_world, { violated, met }) => {
    const byNode = new Map<string, Answer[]>();
    const byProviderId = new Map<string, Answer[]>();
    const note = (map: Map<string, Answer[]>, key: string, seq: number, gone: boolean): void => {
      const answers = map.get(key);
      if (!answers) map.set(key, [{ seq, gone }]);
      else {
        answers.push({ seq, gone });
        if (answers.length > KEPT) answers.shift();
      }
    };
    const last = (answers: readonly Answer[] | undefined, before: number): Answer | undefined =>
      answers?.findLast(({ seq }) => seq < before);
    /** Questions whether a machine exists that are open, and those for which the cloud gave an error last. */
    const asking = new Set<number>();
    const unknown = new Set<number>();
    return {
      called: { 'cpi.InstancesV2/InstanceExists': ({ seq }) => void asking.add(seq) },
      resources: ['nodes'],
      write({ type, object }, by) {
        if (type !== 'DELETED') return;
        const { name } = object.metadata;
        const { providerID = '' } = (object as { readonly spec?: { readonly providerID?: string } }).spec ?? {};
        const [byName, byId] = [byNode.get(name), byProviderId.get(providerID)];
        byNode.delete(name);
        byProviderId.delete(providerID);
        if (by?.actor !== LIFECYCLE) return;
        met();
        const [one, other] = [last(byName, by.seq), last(byId, by.seq)];
        const newest = one && other ? (one.seq > other.seq ? one : other) : (one ?? other);
        if (newest?.gone !== true)
          violated(`${by.actor} deleted ${name}, of which its provider never said that it is gone`, `Node ${name}`);
      },
      answered: {
        'cloud.CloudApi/DescribeInstances'({ call, ok, code }) {
          if (ok || /NotFound/.test(code)) unknown.delete(call.cause);
          else if (asking.has(call.cause)) unknown.add(call.cause);
        },
        'cpi.InstancesV2/InstanceExists'({ call, answer, ok }) {
          const { node } = call.full as NodeRequest;
          asking.delete(call.seq);
          // It cannot know: its cloud gave an error to the last that it asked for this answer.
          const isDoubtful = unknown.delete(call.seq);
          note(byNode, node.metadata.name, answer.seq, ok && !isDoubtful && !(answer.full as ExistsResponse).exists);
        },
        'cpi.Instances/InstanceExistsByProviderId'({ call, answer, ok }) {
          const { providerId } = call.full as { readonly providerId: string };
          note(byProviderId, providerId, answer.seq, ok && !(answer.full as ExistsResponse).exists);
        },
        'cpi.Instances/InstanceId'({ call, answer, code }) {
          note(byNode, (call.full as { readonly nodeName: string }).nodeName, answer.seq, code === 'InstanceNotFound');
        },
      },
    };
  },
};
