import type { ContainerStatus, Pod, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule } from '@slipway/kube';

/** What a failed pod means for its Job. `message` for FailJob. */
export interface FailureVerdict {
  readonly action: PodFailurePolicyRule['action'];
  readonly message: string;
}

/**
 * The first rule that matches a failed pod; a pod that none matches counts. Source: `pkg/controller/job/pod_failure_policy.go`.
 */
export function matchFailurePolicy({ rules }: PodFailurePolicy, pod: Pick<Pod, 'metadata' | 'status'>): FailureVerdict {
  const { namespace, name } = pod.metadata;
  for (const [index, { action, onExitCodes, onPodConditions }] of rules.entries()) {
    const container = onExitCodes && containerWithExitCode(pod, onExitCodes);
    if (container) {
      const code = container.state?.terminated?.exitCode;
      const message = `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${code} matching ${action} rule at index ${index}`;
      return { action, message };
    }
    const condition = onPodConditions?.find(({ type, status = 'True' }) =>
      pod.status?.conditions?.some((each) => each.type === type && each.status === status),
    );
    if (condition) {
      return { action, message: `Pod ${namespace}/${name} has condition ${condition.type} matching ${action} rule at index ${index}` };
    }
  }
  return { action: 'Count', message: '' };
}

function containerWithExitCode(
  { status }: Pick<Pod, 'status'>,
  { containerName, operator, values }: PodFailurePolicyOnExitCodesRequirement,
): ContainerStatus | undefined {
  const matches = ({ name, state }: ContainerStatus): boolean => {
    const code = state?.terminated?.exitCode;
    // A container that ended well is no reason, whatever the rule says of 0.
    if (code === undefined || code === 0 || (containerName !== undefined && containerName !== name)) return false;
    return values.includes(code) === (operator === 'In');
  };
  return status?.containerStatuses?.find(matches) ?? status?.initContainerStatuses?.find(matches);
}
