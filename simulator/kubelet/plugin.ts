import { computePodActions } from './decisions/compute-pod-actions.ts';
import { admissionProblems } from './node/admission.ts';
import { podPhase } from './status/pod-phase.ts';

/** What a kubelet decides, each a pure function of what is asked: the acting is left to the kubelet. */
export interface KubeletDecisions {
  /** What one sync of a pod does: what is killed, whether a sandbox is made, which containers are started. */
  readonly computePodActions: typeof computePodActions;
  /** What speaks against taking a pod that was bound to the node; the first problem rejects it. */
  readonly admissionProblems: typeof admissionProblems;
  /** The phase that the containers of a pod come to. One that was terminal already is kept whatever this says. */
  readonly podPhase: typeof podPhase;
}

/** A decision that is given the built-in one as its last argument, to ask it first and change its answer. */
export type Replacement<Decide extends (...input: never[]) => unknown> = (
  ...input: [...Parameters<Decide>, original: Decide]
) => ReturnType<Decide>;

/** What `create` of a kubelet returns: the decisions that it makes otherwise. */
export type KubeletParts = { readonly [Name in keyof KubeletDecisions]?: Replacement<KubeletDecisions[Name]> };

const builtIn: KubeletDecisions = { computePodActions, admissionProblems, podPhase };

/** Names of the decisions that can be replaced. */
export const kubeletDecisionNames: readonly string[] = Object.keys(builtIn);

/** All decisions of a kubelet: the built-in ones, but for those that are replaced. */
export function decisionsOf(parts: KubeletParts = {}): KubeletDecisions {
  const { computePodActions: actions, admissionProblems: problems, podPhase: phase } = parts;
  return {
    computePodActions: actions ? (pod, observed, probes) => actions(pod, observed, probes, computePodActions) : computePodActions,
    admissionProblems: problems ? (input) => problems(input, admissionProblems) : admissionProblems,
    podPhase: phase ? (input) => phase(input, podPhase) : podPhase,
  };
}

declare module '@slipway/plugin' {
  interface Plugins {
    /** The kubelets of a cluster, made once for each node, and anew when the node's kubelet starts again. */
    kubelet: { services: KubeletParts; context: object };
  }
}
