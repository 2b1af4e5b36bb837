import { type Process, seconds } from '@slipway/kernel';
import type { Deployment, Node, Pod } from '@slipway/kube';
import { type PluginChoices, worldFactory } from '../../wiring/container.ts';
import type { World, WorldOptions } from '../../wiring/world.ts';

/** A cluster of two nodes, and what a test does to it. */
export class Lab {
  readonly world: World;

  constructor(choices: PluginChoices = {}, options: Pick<WorldOptions, 'elide'> = {}) {
    this.world = worldFactory(choices)({ ...options, nodes: [{ name: 'node-1' }, { name: 'node-2' }], trace: { keep: true } });
    this.run(10);
  }

  run(duration: number): void {
    const { kernel } = this.world;
    kernel.run({ until: kernel.now + seconds(duration) });
  }

  do<T>(process: Process<T>): T {
    return this.world.kernel.complete(this.world.user, 'test', process);
  }

  deploy(replicas = 4): void {
    const labels = { app: 'web' };
    const web: Deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
      },
    };
    this.do(this.world.api.deployments.create(web));
  }

  scale(replicas: number): void {
    this.do(this.world.api.deployments.patch({ namespace: 'default', name: 'web', patch: { spec: { replicas } } }));
  }

  get pods(): readonly Pod[] {
    return [...this.world.server.objects('pods')] as Pod[];
  }

  /** Where pods run that are ready, sorted. */
  get running(): readonly (string | undefined)[] {
    return this.pods
      .filter(({ status }) => status?.phase === 'Running' && status.containerStatuses?.every(({ ready }) => ready))
      .map(({ spec }) => spec.nodeName)
      .sort();
  }

  condition(node: string, type: string): string | undefined {
    const { status } = this.world.server.peek('nodes', undefined, node) as Node;
    return status?.conditions?.find((condition) => condition.type === type)?.status;
  }

  taints(node: string): readonly string[] {
    const { spec } = this.world.server.peek('nodes', undefined, node) as Node;
    return (spec?.taints ?? []).map(({ key }) => key).sort();
  }

  /** Seconds from now until it holds, looked at once a second. */
  when(holds: () => boolean, most = 900): number {
    for (let waited = 0; waited <= most; waited++) {
      if (holds()) return waited;
      this.run(1);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** What faults did, as the trace has it. */
  strikes(what: string): number {
    return this.world.recorder.kept.filter(({ kind, data }) => kind === 'fault' && data[0] === what).length;
  }

  fired(kind: string): number {
    return new Map<string, number>(this.world.faults.fired).get(kind) ?? 0;
  }

  /** Breaches of invariants, and crashes of plugins, with the rest of the world judged as well. */
  get troubles(): readonly string[] {
    const { invariants, crashes } = this.world;
    invariants.atRest();
    return [...invariants.violations, ...crashes].map(({ message }) => message);
  }
}
