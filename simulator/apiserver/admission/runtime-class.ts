import { forbidden, resourceOf, type Toleration } from '@slipway/kube';
import type { PodSpecPlugin } from './admission.ts';

/** Adds the overhead, node selector and tolerations of a pod's runtime class. Source: `plugin/pkg/admission/runtimeclass/admission.go`. */
export const runtimeClass: PodSpecPlugin = {
  name: 'RuntimeClass',
  reads: ['runtimeclasses'],
  admitSpec(spec, { name }, view) {
    const className = spec.runtimeClassName;
    if (className === undefined) return spec;
    const found = view.get('runtimeclasses', undefined, className);
    if (!found) throw forbidden(resourceOf('pods'), name, `pod rejected: RuntimeClass "${className}" not found`);
    const overhead = found.overhead?.podFixed;
    const nodeSelector = found.scheduling?.nodeSelector;
    const tolerations: readonly Toleration[] | undefined = found.scheduling?.tolerations;
    return {
      ...spec,
      ...(overhead === undefined ? {} : { overhead }),
      ...(nodeSelector === undefined ? {} : { nodeSelector: { ...spec.nodeSelector, ...nodeSelector } }),
      ...(tolerations === undefined ? {} : { tolerations: [...(spec.tolerations ?? []), ...tolerations] }),
    };
  },
};
