import { taintKeys, type Toleration } from '@slipway/kube';
import type { PodSpecPlugin } from './admission.ts';

/** How long a pod stays on a node that has stopped answering. */
const SECONDS = 300;

/** Source: `plugin/pkg/admission/defaulttolerationseconds/admission.go`. */
export const defaultTolerationSeconds: PodSpecPlugin = {
  name: 'DefaultTolerationSeconds',
  reads: [],
  admitSpec(spec) {
    const tolerations = spec.tolerations ?? [];
    const added = [taintKeys.notReady, taintKeys.unreachable]
      .filter((key) => !tolerations.some((toleration) => covers(toleration, key)))
      .map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }));
    return added.length === 0 ? spec : { ...spec, tolerations: [...tolerations, ...added] };
  },
};

const covers = ({ key, effect }: Toleration, taint: string): boolean =>
  (key === taint || key === undefined || key === '') && (effect === 'NoExecute' || effect === undefined);
