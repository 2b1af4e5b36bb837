import { minutes, must, sleep } from '@slipway/kernel';
import { cpuMillis, type Pod, quantityValue, type Stored } from '@slipway/kube';
import type { MetricName, TrafficMetrics } from '../types/index.ts';
import { Bench, meshCase, Skip } from './bench.ts';
import { service, split } from './objects.ts';

const HOME = 'default';

function valueOf({ metrics }: TrafficMetrics, name: MetricName): string {
  const found = metrics.find((metric) => metric.name === name);
  must(found !== undefined, `${name} is there`);
  return found.value;
}

const counts = (item: TrafficMetrics | undefined): string =>
  item ? `${quantityValue(valueOf(item, 'success_count'))} and ${quantityValue(valueOf(item, 'failure_count'))}` : 'nothing';

/** Traffic of `successes` and `failures`, 1 ms, 2 ms … each. */
async function traffic(
  bench: Bench,
  source: Stored<Pod>,
  destination: Stored<Pod>,
  successes: number,
  failures: number,
  to = 'web',
  apex?: string,
): Promise<void> {
  const { mesh, settle } = bench.subject;
  for (let count = 1; count <= successes + failures; count += 1) {
    const seen = {
      source,
      destination,
      to: { namespace: HOME, service: to, port: 80 },
      success: count <= successes,
      latency: count * 1000,
    };
    await settle(mesh.observe({ ...seen, ...(apex === undefined ? {} : { apex }) }));
  }
}

/** Two pods of the mesh, and a mesh that measures. */
async function measured(bench: Bench): Promise<readonly [client: Stored<Pod>, server: Stored<Pod>]> {
  const pods = [await bench.meshed(HOME, 'client'), await bench.meshed(HOME, 'server')] as const;
  await bench.needs('metrics', async () => {
    await traffic(bench, bench.outsider('elsewhere'), bench.outsider('elsewhere'), 1, 0);
    return (await bench.metrics('Pod', 'elsewhere')).length > 0;
  });
  return pods;
}

/** What became of the requests. */
export const metricsCases = [
  meshCase('metrics.counts', 'metrics: count what was observed', 'Traffic Metrics: TrafficMetrics', async (bench) => {
    const [client, server] = await measured(bench);
    await traffic(bench, client, server, 7, 3);
    await traffic(bench, await bench.meshed(HOME, 'client'), server, 2, 0);
    const items = await bench.metrics('Pod', HOME, server.metadata.name);
    must(items.length === 1 && counts(items[0]) === '9 and 3', `the pod has 9 successes and 3 failures, not ${counts(items[0])}`);
    must(items[0]?.resource.name === server.metadata.name && items[0].resource.kind === 'Pod', 'the resource is the pod');
  }),
  meshCase('metrics.aggregates', 'metrics: a namespace sums up its pods', 'Traffic Metrics: Specification', async (bench) => {
    const [client, server] = await measured(bench);
    await traffic(bench, client, server, 3, 1);
    await traffic(bench, server, client, 2, 2);
    const [item] = await bench.metrics('Namespace', HOME);
    must(counts(item) === '5 and 3', `the namespace has 5 successes and 3 failures, not ${counts(item)}`);
    const all = await bench.metrics('Pod', HOME);
    must(all.length === 2, 'a list has an item for each pod with traffic');
  }),
  meshCase(
    'metrics.latency',
    'metrics: percentiles are of what was observed, and in order',
    'Traffic Metrics: TrafficMetrics',
    async (bench) => {
      const [client, server] = await measured(bench);
      await traffic(bench, client, server, 100, 0);
      const [item] = await bench.metrics('Pod', HOME, server.metadata.name);
      must(item !== undefined, 'the pod has metrics');
      const milliseconds = (['p50_response_latency', 'p90_response_latency', 'p99_response_latency'] as const).map((name) => {
        const unit = item.metrics.find((metric) => metric.name === name)?.unit;
        const value = valueOf(item, name);
        return unit === 'ms' ? quantityValue(value) : cpuMillis(value);
      });
      const wanted = [50, 90, 99];
      // Histograms of real meshes have buckets that double.
      for (const [index, value] of milliseconds.entries()) {
        const due = wanted[index] as number;
        must(value >= due / 2 && value <= due * 2, `percentile ${due} of 1 to 100 ms is about ${due} ms, not ${value}`);
        must(index === 0 || value >= (milliseconds[index - 1] as number), 'a higher percentile is no smaller');
      }
    },
  ),
  meshCase('metrics.window', 'metrics: what is older than the window is gone', 'Traffic Metrics: Specification', async (bench) => {
    const [client, server] = await measured(bench);
    await traffic(bench, client, server, 4, 0);
    await bench.subject.settle(sleep(minutes(10)));
    await traffic(bench, client, server, 1, 1);
    const [item] = await bench.metrics('Pod', HOME, server.metadata.name);
    must(counts(item) === '1 and 1', `1 success and 1 failure are left, not ${counts(item)}`);
  }),
  meshCase('metrics.edges', 'metrics: edges lie only between resources that exchanged traffic', 'Traffic Metrics: Edge', async (bench) => {
    const [client, server] = await measured(bench);
    const idle = await bench.meshed(HOME, 'idle');
    await traffic(bench, client, server, 2, 1);
    const received = await bench.metrics('Pod', HOME, server.metadata.name, true);
    must(received.length === 1 && received[0]?.edge?.resource?.name === client.metadata.name, 'the server has one edge, from the client');
    must(received[0].edge.direction === 'from' && received[0].edge.side === 'server', 'which the server saw');
    must(counts(received[0]) === '2 and 1', 'with what went over it');
    const sent = await bench.metrics('Pod', HOME, client.metadata.name, true);
    must(
      sent.length === 1 && sent[0]?.edge?.direction === 'to' && sent[0].edge.resource?.name === server.metadata.name,
      'the client has one edge, to the server',
    );
    must((await bench.metrics('Pod', HOME, idle.metadata.name, true)).length === 0, 'a pod without traffic has none');
  }),
  meshCase('metrics.splits', 'metrics: a split has one entry for each backend', 'Traffic Metrics: Traffic Splits', async (bench) => {
    const [client, server] = await measured(bench);
    await bench.put(
      ...['web', 'web-v1', 'web-v2'].map((name) => service(HOME, name, 80)),
      split(HOME, 'rollout', 'web', { 'web-v1': 90, 'web-v2': 10 }),
    );
    await traffic(bench, client, server, 5, 0, 'web-v1', 'web');
    await traffic(bench, client, server, 1, 2, 'web-v2', 'web');
    // Asked for by its own name: no traffic of the root service.
    await traffic(bench, client, server, 1, 0, 'web-v2');
    const items = await bench.metrics('TrafficSplit', HOME, 'rollout');
    if (items.length === 0 && bench.subject.can?.split !== true) throw new Skip('the mesh measures no splits');
    const seen = items.map((item) => `${item.backend?.apex} ${item.backend?.name} ${item.backend?.weight}: ${counts(item)}`).sort();
    must(seen.join(', ') === 'web web-v1 90: 5 and 0, web web-v2 10: 1 and 2', `backends have their own figures, not ${seen.join(', ')}`);
  }),
];
