import { type Pod, type PodQOSClass, type PodSpec, qosClass } from '@slipway/kube';

/** The quality of service of each spec, worked out once for all pods that share it. */
export class QosClasses {
  readonly #known = new WeakMap<PodSpec, PodQOSClass>();

  of(pod: Pod): PodQOSClass {
    const known = this.#known.get(pod.spec);
    if (known) return known;
    const worked = qosClass(pod);
    this.#known.set(pod.spec, worked);
    return worked;
  }
}
