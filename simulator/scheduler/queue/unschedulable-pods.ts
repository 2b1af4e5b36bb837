import type { QueuedPodInfo } from './queued-pod.ts';

/** Pods that were refused, under the plugins that refused them: an event looks only at pods whose plugins listen to it. */
export class UnschedulablePods {
  readonly #pods = new Map<string, { readonly pod: QueuedPodInfo; readonly rejectors: readonly string[]; readonly order: number }>();
  readonly #byPlugin = new Map<string, Map<string, QueuedPodInfo>>();
  #order = 0;

  get size(): number {
    return this.#pods.size;
  }

  get(uid: string): QueuedPodInfo | undefined {
    return this.#pods.get(uid)?.pod;
  }

  /** In order of arrival. */
  pods(): readonly QueuedPodInfo[] {
    return [...this.#pods.values()].map(({ pod }) => pod);
  }

  set(pod: QueuedPodInfo): void {
    this.delete(pod.uid);
    const rejectors = [...pod.rejectors];
    this.#order += 1;
    this.#pods.set(pod.uid, { pod, rejectors, order: this.#order });
    for (const plugin of rejectors) {
      const known = this.#byPlugin.get(plugin);
      if (known) known.set(pod.uid, pod);
      else this.#byPlugin.set(plugin, new Map([[pod.uid, pod]]));
    }
  }

  delete(uid: string): boolean {
    const known = this.#pods.get(uid);
    if (!known) return false;
    this.#pods.delete(uid);
    for (const plugin of known.rejectors) this.#byPlugin.get(plugin)?.delete(uid);
    return true;
  }

  /** Pods that any of these plugins refused, in order of arrival. */
  refusedBy(plugins: readonly string[]): readonly QueuedPodInfo[] {
    const found = new Set<QueuedPodInfo>();
    for (const plugin of plugins) for (const pod of this.#byPlugin.get(plugin)?.values() ?? []) found.add(pod);
    return [...found].sort((a, b) => (this.#pods.get(a.uid)?.order ?? 0) - (this.#pods.get(b.uid)?.order ?? 0));
  }
}
