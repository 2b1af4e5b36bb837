import { forbidden, type PriorityClass, resourceOf } from '@slipway/kube';
import type { AdmissionView, PodSpecPlugin } from './admission.ts';

/** Turns a pod's priority class into its priority. Source: `plugin/pkg/admission/priority/admission.go`. */
export const priority: PodSpecPlugin = {
  name: 'Priority',
  reads: ['priorityclasses'],
  admitSpec(spec, { name }, view) {
    const className = spec.priorityClassName || undefined;
    const found = className === undefined ? defaultClass(view) : view.get('priorityclasses', undefined, className);
    if (className !== undefined && !found) throw forbidden(resourceOf('pods'), name, `no PriorityClass with name ${className} was found`);
    const value = found?.value ?? 0;
    const preemptionPolicy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
    if (spec.priority !== undefined && spec.priority !== value) {
      throw forbidden(
        resourceOf('pods'),
        name,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
      throw forbidden(
        resourceOf('pods'),
        name,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
      );
    }
    return {
      ...spec,
      ...(found === undefined ? {} : { priorityClassName: found.metadata.name }),
      priority: value,
      preemptionPolicy,
    };
  },
};

/** Of several global defaults the one with the lowest value counts. */
function defaultClass(view: AdmissionView): PriorityClass | undefined {
  let chosen: PriorityClass | undefined;
  for (const each of view.list('priorityclasses')) {
    if (each.globalDefault !== true) continue;
    const lower =
      chosen === undefined || each.value < chosen.value || (each.value === chosen.value && each.metadata.name < chosen.metadata.name);
    if (lower) chosen = each;
  }
  return chosen;
}
