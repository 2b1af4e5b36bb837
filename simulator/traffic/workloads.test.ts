import { flannel } from '@slipway/cni/mocks';
import { expect, it } from 'vitest';
import { TrafficWorld } from './testing/world.ts';

/** As in Online Boutique's `loadgenerator` (GoogleCloudPlatform/microservices-demo, kubernetes-manifests). */
const FRONTEND_CHECK = `
MAX_RETRIES=12
RETRY_INTERVAL=10
for i in $(seq 1 $MAX_RETRIES); do
  echo "Attempt $i: Pinging frontend: \${FRONTEND_ADDR}..."
  STATUSCODE=$(wget --server-response http://\${FRONTEND_ADDR} 2>&1 | awk '/^  HTTP/{print $2}')
  if [ $STATUSCODE -eq 200 ]; then
      echo "Frontend is reachable."
      exit 0
  fi
  echo "Error: Could not reach frontend - Status code: \${STATUSCODE}"
  sleep $RETRY_INTERVAL
done
echo "Failed to reach frontend after $MAX_RETRIES attempts."
exit 1
`;

it('workloads: an init container that polls a Service ends when, and only when, an endpoint is ready', () => {
  const world = new TrafficWorld({ network: { plugin: flannel }, nodes: 2 });
  world.pod('frontend', { node: 'node-2' });
  world.service('frontend');
  world.endpoints('frontend', { frontend: { ready: false } });
  const check = (name: string) => {
    const command = ['/bin/sh', '-exc', FRONTEND_CHECK];
    world.pod(name, { image: 'busybox:1.38.0', command, env: { FRONTEND_ADDR: 'frontend:80' }, oneShot: true });
    return world.processes.get(name);
  };
  const patient = check('patient');
  world.pass(45);
  expect(patient?.state).toBe('running');
  world.endpoints('frontend', { frontend: {} });
  world.pass(15);
  expect(patient?.exitCode).toBe(0);
  expect(world.lines).toContain('Frontend is reachable.');
  expect(world.lines).toContain('Error: Could not reach frontend - Status code: ');
  world.endpoints('frontend', { frontend: { ready: false } });
  const unlucky = check('unlucky');
  world.pass(130);
  expect(unlucky?.exitCode).toBe(1);
});

it('workloads: loops over nslookup, nc and /dev/tcp wait for what they name', () => {
  const world = new TrafficWorld({ network: { plugin: flannel }, nodes: 2 });
  const wait = (name: string, script: string) => {
    world.pod(name, { image: 'busybox', command: ['sh', '-c', script], oneShot: true });
    return () => world.processes.get(name)?.exitCode;
  };
  const named = wait('named', 'until nslookup web.default.svc.cluster.local; do echo waiting; sleep 2; done');
  const open = wait('open', 'until nc -z -w 2 web 80; do sleep 1; done');
  const bash = wait('bash', 'until (echo > /dev/tcp/web/80) 2>/dev/null; do sleep 1; done');
  const refused = world.exec('named', 'sh', '-c', 'echo > /dev/tcp/localhost/1');
  expect(refused.exitCode).toBe(1);
  world.pass(10);
  expect([named(), open(), bash()]).toEqual([undefined, undefined, undefined]);
  world.service('web');
  world.pass(5);
  expect([named(), open(), bash()]).toEqual([0, undefined, undefined]);
  world.pod('server', { node: 'node-2' });
  world.endpoints('web', { server: {} });
  world.pass(5);
  expect([open(), bash()]).toEqual([0, 0]);
});

it('workloads: Cassandra makes a ring by its seeds’ names; a seed that is known and silent keeps others out', () => {
  const world = new TrafficWorld({ network: { plugin: flannel }, nodes: 3 });
  world.service('cassandra', { clusterIP: 'None', ports: [{ port: 9042 }] });
  const env = { CASSANDRA_SEEDS: 'cassandra-0.cassandra.default.svc.cluster.local' };
  const start = (number: number) => {
    const name = `cassandra-${number}`;
    const image = 'gcr.io/google-samples/cassandra:v14';
    world.pod(name, { node: `node-${number + 1}`, image, env, spec: { hostname: name, subdomain: 'cassandra' } });
  };
  const isReady = (name: string) => world.exec(name, '/bin/bash', '-c', '/ready-probe.sh').exitCode === 0;
  start(0);
  world.pass(25);
  expect(isReady('cassandra-0')).toBe(false);
  world.pass(15);
  expect(isReady('cassandra-0')).toBe(true);
  expect(world.exec('cassandra-0', '/bin/bash', '-c', 'nodetool status').exitCode).toBe(0);
  world.endpoints('cassandra', { 'cassandra-0': { hostname: 'cassandra-0' } }, 9042);
  start(1);
  world.pass(40);
  expect(isReady('cassandra-1')).toBe(true);
  world.cut.add('node-1');
  start(2);
  world.pass(120);
  expect(world.processes.get('cassandra-2')?.exitCode).toBe(3);
  expect(world.exec('cassandra-0', '/bin/sh', '-c', 'nodetool drain').exitCode).toBe(0);
});
