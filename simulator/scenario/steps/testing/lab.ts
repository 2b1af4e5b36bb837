import { minutes, type Process, type TraceRecord } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import { loadManifests } from '../../../manifests/load-manifests.ts';
import { nodesReady } from '../../../manifests/nodes-ready.ts';
import { scenarioWorld } from '../../../wiring/scenario-world.ts';
import type { ScenarioCluster } from '../../cluster.ts';
import type { ScenarioStep } from '../../scenario.ts';
import { ACTIONS, type StepDocument } from '../../schema.ts';
import { type Value, Variables } from '../../variables.ts';
import { describeStep, performStep, type StepContext } from '../index.ts';

/** A cluster for tests of steps, with its nodes up. */
export class Lab {
  readonly cluster: ScenarioCluster;
  readonly variables = new Variables();
  readonly warnings: string[] = [];
  readonly trace: TraceRecord[] = [];

  constructor(nodes = 2) {
    const { cluster } = scenarioWorld(
      { seed: 1, cluster: { nodes: [{ count: nodes }] }, invariantsOff: [] },
      { cluster: {}, nodes: new Map() },
    );
    this.cluster = cluster;
    cluster.kernel.events.on('trace', (record) => this.trace.push(record));
    this.run(nodesReady(cluster, [...cluster.nodes.keys()], minutes(1)));
  }

  run<T>(process: Process<T>): T {
    return this.cluster.kernel.complete(this.cluster.user, 'test', process);
  }

  /** Performs a step and keeps what it chose, as the runner does. `apply` takes objects only. */
  step(document: StepDocument): Value | undefined {
    const objects = document.apply === undefined ? [] : [document.apply].flat();
    const step: ScenarioStep = {
      at: undefined,
      action: ACTIONS.find((action) => document[action] !== undefined) ?? 'apply',
      document,
      as: document.as,
      objects:
        objects.length === 0
          ? []
          : loadManifests([{ file: 'test.yaml', text: objects.map((object) => JSON.stringify(object)).join('\n---\n') }]).objects,
      text: describeStep(document),
      place: { file: 'test.yaml', line: 1, column: 1 },
    };
    const context: StepContext = {
      cluster: this.cluster,
      variables: this.variables,
      warn: ({ message }) => this.warnings.push(message),
    };
    const value = this.run(performStep(step, context));
    if (document.as !== undefined && value !== undefined) this.variables.set(document.as, value);
    return value;
  }

  /** Lets so much virtual time pass. */
  wait(duration: number): void {
    const { kernel } = this.cluster;
    kernel.run({ until: kernel.now + duration });
  }

  object<T extends KubeObject>(resource: string, name: string, namespace: string | undefined = 'default'): T | undefined {
    return this.cluster.server.peek(resource, namespace, name) as T | undefined;
  }
}

/** A Deployment whose pods only run. */
export function deployment(name: string, replicas: number, namespace = 'default') {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }] },
      },
    },
  };
}
