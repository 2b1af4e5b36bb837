import { milliseconds, seconds } from '@slipway/kernel';
import { declaredOr, MiB, portFrom, quick, type ServerModel, type ServerPort } from '../server.ts';

const http = (port: number): ServerPort => ({ port, speaks: 'http' });
const grpc = (port: number): ServerPort => ({ port, speaks: 'grpc' });

/** A small Go or Java service that stops at once when told. */
function service(
  name: string,
  images: readonly string[],
  ports: readonly ServerPort[],
  options: { readonly startup?: number; readonly memory?: number; readonly variable?: string; readonly http?: ServerModel['http'] } = {},
): ServerModel {
  const [first] = ports;
  const { startup = 500, memory = 20, variable } = options;
  return {
    name,
    images,
    ports:
      variable === undefined
        ? ports
        : (context) => [{ ...(first ?? http(8080)), port: portFrom(context, [], [variable]) ?? first?.port ?? 8080 }, ...ports.slice(1)],
    startup: milliseconds(startup),
    stops: { SIGTERM: quick, SIGINT: quick },
    memoryBytes: memory * MiB,
    cpuNanocores: 1_000_000,
    ...(options.http ? { http: options.http } : {}),
  };
}

/** github.com/GoogleCloudPlatform/microservices-demo: gRPC services, each on the port that `PORT` gives. */
const BOUTIQUE: readonly ServerModel[] = [
  service('frontend', ['microservices-demo/frontend'], [http(8080)], { variable: 'PORT' }),
  service('checkoutservice', ['microservices-demo/checkoutservice', 'checkoutservice'], [grpc(5050)], { variable: 'PORT' }),
  service('shippingservice', ['microservices-demo/shippingservice', 'shippingservice'], [grpc(50051)], { variable: 'PORT' }),
  service('productcatalogservice', ['microservices-demo/productcatalogservice', 'productcatalogservice'], [grpc(3550)], {
    variable: 'PORT',
  }),
  service('recommendationservice', ['microservices-demo/recommendationservice', 'recommendationservice'], [grpc(8080)], {
    variable: 'PORT',
    startup: 2000,
    memory: 60,
  }),
  service('emailservice', ['microservices-demo/emailservice', 'emailservice'], [grpc(8080)], {
    variable: 'PORT',
    startup: 2000,
    memory: 50,
  }),
  service('paymentservice', ['microservices-demo/paymentservice', 'paymentservice'], [grpc(50051)], {
    variable: 'PORT',
    startup: 1000,
    memory: 60,
  }),
  service('currencyservice', ['microservices-demo/currencyservice', 'currencyservice'], [grpc(7000)], {
    variable: 'PORT',
    startup: 1000,
    memory: 60,
  }),
  service('cartservice', ['microservices-demo/cartservice', 'cartservice'], [grpc(7070)], { startup: 1500, memory: 50 }),
  service('adservice', ['microservices-demo/adservice', 'adservice'], [grpc(9555)], { variable: 'PORT', startup: 4000, memory: 130 }),
  service('loadgenerator', ['microservices-demo/loadgenerator', 'loadgenerator'], [], { startup: 1000, memory: 60 }),
];

/** Cluster add-ons and the images of tutorials. */
export const INFRASTRUCTURE: readonly ServerModel[] = [
  ...BOUTIQUE,
  {
    name: 'pause',
    images: ['pause', 'pause-amd64'],
    commands: ['pause'],
    ports: [],
    startup: 0,
    // build/pause/linux/pause.c ends with 0 on SIGINT and SIGTERM.
    stops: { SIGTERM: { after: 0, exitCode: 0 }, SIGINT: { after: 0, exitCode: 0 } },
    memoryBytes: Math.floor(MiB / 2),
    cpuNanocores: 0,
  },
  service(
    'coredns',
    ['coredns', 'coredns/coredns'],
    [{ port: 53, speaks: 'tcp' }, { port: 53, speaks: 'tcp', transport: 'udp' }, http(8080), http(8181), http(9153)],
    { memory: 15 },
  ),
  service('metrics-server', ['metrics-server', 'metrics-server/metrics-server'], [http(10250), http(4443)], { startup: 2000 }),
  service('prometheus', ['prometheus', 'prom/prometheus'], [http(9090)], { startup: 1500, memory: 200 }),
  service('alertmanager', ['alertmanager'], [http(9093)]),
  service('node-exporter', ['node-exporter'], [http(9100)]),
  service('kube-state-metrics', ['kube-state-metrics'], [http(8080), http(8081)], { startup: 1000, memory: 30 }),
  service('grafana', ['grafana', 'grafana-oss'], [http(3000)], { startup: 4000, memory: 90 }),
  service('jaeger', ['jaeger', 'all-in-one', 'jaegertracing/all-in-one'], [http(16686), grpc(4317), http(4318), http(14269)], {
    memory: 40,
  }),
  service('consul', ['consul'], [http(8500), { port: 8600, speaks: 'tcp' }, { port: 8300, speaks: 'tcp' }], { startup: 2000, memory: 80 }),
  service('vault', ['vault'], [http(8200), { port: 8201, speaks: 'tcp' }], { startup: 1000, memory: 100 }),
  service('registry', ['registry'], [http(5000)]),
  service('guestbook', ['gb-frontend', 'php-redis', 'guestbook', 'guestbook-php-redis', 'gb-frontend-php'], [http(80)], {
    startup: 800,
    memory: 30,
  }),
  service(
    'hello-app',
    [
      'hello-app',
      'hello-node',
      'node-hello',
      'kubernetes-bootcamp',
      'echoserver',
      'echo-server',
      'hello-kubernetes',
      'hello-minikube',
      'serve_hostname',
      'nginx-hello',
    ],
    [http(8080)],
    {
      http: ({ hostname }) => ({ http: { status: 200, body: `Hello, world!\nVersion: 1.0.0\nHostname: ${hostname}\n` } }),
    },
  ),
  {
    ...service('http-echo', ['http-echo'], [http(5678)]),
    ports: (context) => [http(portFrom(context, ['-listen', '--listen'], []) ?? 5678)],
    http: (context) => {
      const { argv } = context;
      const glued = argv.find((arg) => /^-{1,2}text=/.test(arg))?.replace(/^-{1,2}text=/, '');
      const apart = argv.findIndex((arg) => /^-{1,2}text$/.test(arg));
      return { http: { status: 200, body: `${glued ?? argv[apart + 1] ?? ''}\n` } };
    },
  },
  {
    ...service('whoami', ['whoami'], [http(80)]),
    ports: (context) => [http(portFrom(context, ['--port', '-port'], ['WHOAMI_PORT_NUMBER']) ?? 80)],
    http: ({ hostname, netns }) => ({
      http: { status: 200, body: `Hostname: ${hostname}\n${netns.ips.map((ip) => `IP: ${ip}\n`).join('')}` },
    }),
  },
  {
    ...service('httpbin', ['httpbin', 'go-httpbin'], [http(80)]),
    ports: (context) => declaredOr(context, 'http', http(context.image?.includes('go-httpbin') ? 8080 : 80)),
    http: (_context, request) => {
      const status = /^\/status\/(\d+)/.exec(request.http?.path ?? '')?.[1];
      return { http: { status: Number(status ?? 200), body: status === undefined ? '{}\n' : '' } };
    },
  },
  {
    ...service('podinfo', ['podinfo'], [http(9898), grpc(9999), http(9797)]),
    http: ({ hostname }) => ({ http: { status: 200, body: `{"hostname":"${hostname}"}\n` } }),
    stops: { SIGTERM: { after: seconds(3), exitCode: 0 } },
  },
];
