import type { Pod, PodFailurePolicyRule } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { matchFailurePolicy } from './failure-policy.ts';

const failed = (exitCode: number | undefined, conditions: readonly object[] = [], container = 'main'): Pod =>
  ({
    metadata: { namespace: 'ns', name: 'p' },
    spec: { containers: [] },
    status: {
      phase: 'Failed',
      conditions,
      containerStatuses: [{ name: container, state: exitCode === undefined ? {} : { terminated: { exitCode } } }],
    },
  }) as unknown as Pod;

const rules: readonly PodFailurePolicyRule[] = [
  { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
  { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [42, 43] } },
  { action: 'FailIndex', onExitCodes: { operator: 'NotIn', values: [1, 2] } },
];
const verdict = (pod: Pod) => matchFailurePolicy({ rules }, pod);

describe('pod failure policy', () => {
  it('the first rule that matches decides; no rule: the failure counts', () => {
    expect(verdict(failed(42, [{ type: 'DisruptionTarget', status: 'True' }])).action).toBe('Ignore');
    expect(verdict(failed(42, [{ type: 'DisruptionTarget', status: 'False' }])).action).toBe('FailJob');
    expect(verdict(failed(42, [], 'other')).action).toBe('FailIndex');
    expect(verdict(failed(7)).action).toBe('FailIndex');
    expect(verdict(failed(2)).action).toBe('Count');
  });

  it('a container that ended well, or not at all, matches no exit code', () => {
    expect(verdict(failed(0)).action).toBe('Count');
    expect(verdict(failed(undefined)).action).toBe('Count');
  });

  it('says which container or condition it was', () => {
    expect(verdict(failed(43)).message).toBe('Container main for pod ns/p failed with exit code 43 matching FailJob rule at index 1');
    expect(verdict(failed(1, [{ type: 'DisruptionTarget', status: 'True' }])).message).toBe(
      'Pod ns/p has condition DisruptionTarget matching Ignore rule at index 0',
    );
  });
});
