import { type Taint, withTaint } from '@slipway/kube';
import { checkTaint } from '../check-nodes.ts';
import { resolveNodes } from '../references.ts';
import type { StepDocument } from '../schema.ts';
import { nodesSubject } from './machines.ts';
import { StepError } from './step-error.ts';
import { type StepKind, valueOf } from './step-kind.ts';

// Source: `staging/src/k8s.io/kubectl/pkg/cmd/taint/{taint,utils}.go`. The list of taints is one value to a patch: all of it is sent.

/** `kubectl taint --overwrite`: a taint of the same key and effect gets the new value. */
export const taintStep: StepKind<NonNullable<StepDocument['taint']>> = {
  check: (taint, checker) => checkTaint(taint, (path, message, fix) => checker.problem(path, message, fix)),
  subject: ({ node }, context) => nodesSubject(node, context),
  *perform({ node, key, value, effect }, { cluster, variables }) {
    const names = resolveNodes(node, cluster, variables);
    const taint: Taint = { key: variables.text(key), ...(value === undefined ? {} : { value: variables.text(value) }), effect };
    for (const name of names) {
      const { spec } = yield* cluster.api.nodes.get({ name });
      const taints = withTaint(spec?.taints, taint);
      if (taints !== spec?.taints) yield* cluster.api.nodes.patch({ name, type: 'strategic', patch: { spec: { taints } } });
    }
    return valueOf(names);
  },
};

export const untaintStep: StepKind<NonNullable<StepDocument['untaint']>> = {
  subject: ({ node }, context) => nodesSubject(node, context),
  *perform({ node, key: written, effect }, { cluster, variables }) {
    const names = resolveNodes(node, cluster, variables);
    const key = variables.text(written);
    for (const name of names) {
      const { spec } = yield* cluster.api.nodes.get({ name });
      const before = spec?.taints ?? [];
      const taints = before.filter((taint) => taint.key !== key || (effect !== undefined && taint.effect !== effect));
      if (taints.length === before.length) {
        const there = before.map((taint) => `${taint.key}:${taint.effect}`).join(', ');
        const wanted = effect === undefined ? key : `${key}:${effect}`;
        throw new StepError(`node "${name}": taint "${wanted}" not found`, there === '' ? 'it has no taints' : `it has ${there}`);
      }
      yield* cluster.api.nodes.patch({ name, type: 'strategic', patch: { spec: { taints: taints.length === 0 ? null : taints } } });
    }
    return valueOf(names);
  },
};
