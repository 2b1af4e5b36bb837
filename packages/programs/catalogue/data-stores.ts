import type { ProgramContext } from '@slipway/host';
import { milliseconds, type Process, seconds } from '@slipway/kernel';
import { MiB, portFrom, quick, type ServerModel, type ServerPort } from '../server.ts';

const tcp = (port: number): ServerPort => ({ port, speaks: 'tcp' });
const http = (port: number): ServerPort => ({ port, speaks: 'http' });

/** One port, which a flag or variable may move. */
const movable =
  (port: number, flags: readonly string[], variables: readonly string[] = []) =>
  (context: ProgramContext): readonly ServerPort[] => [tcp(portFrom(context, flags, variables) ?? port)];

/** Whether one of the variables is set, itself or as the path of a file (`_FILE`). */
const has = (context: ProgramContext, ...names: readonly string[]): boolean =>
  names.some((name) => context.env[name] !== undefined || context.env[`${name}_FILE`] !== undefined);

function redis(data: string): string | undefined {
  const words = data.trim().toUpperCase();
  if (words.includes('PING')) return '+PONG\r\n';
  return words.startsWith('INFO') ? '$11\r\nrole:master\r\n' : '+OK\r\n';
}

const MYSQL_PASSWORDS = [
  'MYSQL_ROOT_PASSWORD',
  'MYSQL_ALLOW_EMPTY_PASSWORD',
  'MYSQL_RANDOM_ROOT_PASSWORD',
  'MARIADB_ROOT_PASSWORD',
  'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD',
  'MARIADB_RANDOM_ROOT_PASSWORD',
  'MARIADB_ROOT_PASSWORD_HASH',
];

const mysql: ServerModel = {
  name: 'mysql',
  images: ['mysql', 'mysql-server', 'percona'],
  commands: ['mysqld', 'mysqld_safe'],
  ports: movable(3306, ['--port', '-P']),
  startup: seconds(2),
  stops: { SIGTERM: { after: seconds(1.5), exitCode: 0 } },
  memoryBytes: 400 * MiB,
  cpuNanocores: 5_000_000,
  data: { folder: '/var/lib/mysql', marker: 'ibdata1', setup: seconds(6) },
  // docker-library/mysql, docker-entrypoint.sh.
  refuses: (context, initialised) =>
    initialised || has(context, ...MYSQL_PASSWORDS)
      ? undefined
      : '[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD',
  ready: 'mysqld: ready for connections.',
};

/** Nodes of a ring speak to each other here. */
const GOSSIP_PORT = 7000;

/**
 * A node that starts for the first time asks a seed for the ring; without a seed, or as one, it makes a ring of its own. Seeds whose names
 * are not known (yet) are left out, as `SimpleSeedProvider` does; one that is known must answer within the ring delay of 30 s.
 */
function* gossip(context: ProgramContext): Process<string | undefined> {
  const names = (context.env['CASSANDRA_SEEDS'] ?? '').split(',').filter((name) => name !== '');
  const seeds: string[] = [];
  for (const name of names) seeds.push(...(yield* context.lookup(name.trim())));
  if (seeds.length === 0 || seeds.some((seed) => context.netns.has(seed))) return undefined;
  for (let tries = 0; tries < 6; tries += 1) {
    for (const ip of seeds) {
      try {
        yield* context.request({ ip, port: GOSSIP_PORT, protocol: 'tcp', timeout: seconds(5) });
        return undefined;
      } catch {
        // The next seed, or another round.
      }
    }
    yield* context.sleep(seconds(5));
  }
  return 'Exception encountered during startup: Unable to contact any seeds!';
}

/** Databases, caches, queues. */
export const DATA_STORES: readonly ServerModel[] = [
  {
    name: 'redis',
    images: [
      'redis',
      'valkey',
      'keydb',
      'redis-stack',
      'redis-stack-server',
      'gb-redisslave',
      'gb-redis-follower',
      'gb-redis-leader',
      'redis-slave',
      'dragonfly',
    ],
    commands: ['redis-server', 'valkey-server'],
    ports: movable(6379, ['--port'], ['REDIS_PORT_NUMBER']),
    startup: milliseconds(300),
    stops: { SIGTERM: { after: milliseconds(200), exitCode: 0 }, SIGINT: quick },
    memoryBytes: 10 * MiB,
    cpuNanocores: 2_000_000,
    data: { folder: '/data', marker: 'dump.rdb', setup: 0 },
    ready: '* Ready to accept connections tcp',
    talk: redis,
  },
  {
    name: 'redis-sentinel',
    images: ['redis-sentinel'],
    commands: ['redis-sentinel'],
    ports: [tcp(26379)],
    startup: milliseconds(300),
    stops: { SIGTERM: quick },
    memoryBytes: 8 * MiB,
    cpuNanocores: 2_000_000,
    talk: redis,
  },
  {
    name: 'memcached',
    images: ['memcached'],
    commands: ['memcached'],
    ports: movable(11211, ['-p', '--port']),
    startup: milliseconds(50),
    stops: { SIGTERM: quick, SIGINT: quick },
    memoryBytes: 4 * MiB,
    cpuNanocores: 200_000,
    talk: (data) => (data.startsWith('version') ? 'VERSION 1.6\r\n' : data.startsWith('stats') ? 'END\r\n' : 'ERROR\r\n'),
  },
  {
    name: 'postgres',
    images: ['postgres', 'postgresql', 'postgis', 'pgvector', 'timescaledb'],
    commands: ['postgres'],
    ports: movable(5432, ['-p', '--port'], ['PGPORT']),
    startup: seconds(1),
    // SIGTERM waits for clients to leave, SIGINT (the image's stop signal) does not (PostgreSQL, "Shutting Down the Server").
    stops: {
      SIGTERM: { after: seconds(1), exitCode: 0 },
      SIGINT: { after: milliseconds(500), exitCode: 0 },
      SIGQUIT: { after: milliseconds(50), exitCode: 2 },
    },
    memoryBytes: 40 * MiB,
    cpuNanocores: 1_000_000,
    data: { folder: '/var/lib/postgresql', marker: 'PG_VERSION', setup: seconds(3) },
    // docker-library/postgres, docker-entrypoint.sh.
    refuses: (context, initialised) =>
      initialised ||
      has(context, 'POSTGRES_PASSWORD', 'POSTGRESQL_PASSWORD', 'POSTGRES_POSTGRES_PASSWORD') ||
      context.env['POSTGRES_HOST_AUTH_METHOD'] === 'trust' ||
      context.env['ALLOW_EMPTY_PASSWORD'] === 'yes'
        ? undefined
        : 'Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".',
    ready: 'LOG:  database system is ready to accept connections',
  },
  {
    name: 'pgbouncer',
    images: ['pgbouncer'],
    commands: ['pgbouncer'],
    ports: [tcp(6432)],
    startup: milliseconds(200),
    stops: { SIGTERM: quick, SIGINT: quick },
    memoryBytes: 8 * MiB,
    cpuNanocores: 500_000,
  },
  mysql,
  { ...mysql, name: 'mariadb', images: ['mariadb', 'mariadb-galera'], commands: ['mariadbd'], ready: 'mariadbd: ready for connections.' },
  {
    name: 'mongo',
    images: ['mongo', 'mongodb', 'mongodb-community-server', 'percona-server-mongodb'],
    commands: ['mongod', 'mongos'],
    ports: movable(27017, ['--port']),
    startup: seconds(1),
    stops: { SIGTERM: { after: seconds(1), exitCode: 0 }, SIGINT: { after: seconds(1), exitCode: 0 } },
    memoryBytes: 150 * MiB,
    cpuNanocores: 5_000_000,
    data: { folder: '/data/db', marker: 'WiredTiger', setup: seconds(1) },
    ready: 'Waiting for connections',
  },
  {
    name: 'cassandra',
    images: ['cassandra', 'scylla'],
    commands: ['cassandra'],
    ports: [tcp(9042), tcp(7000), tcp(7199)],
    startup: seconds(25),
    stops: { SIGTERM: { after: seconds(3), exitCode: 143 } },
    memoryBytes: 1200 * MiB,
    cpuNanocores: 30_000_000,
    joins: gossip,
    data: { folder: '/var/lib/cassandra', marker: 'data', setup: seconds(5) },
    ready: 'Starting listening for CQL clients on /0.0.0.0:9042',
  },
  {
    name: 'elasticsearch',
    images: ['elasticsearch', 'opensearch', 'elasticsearch-oss'],
    commands: ['elasticsearch', 'opensearch'],
    ports: [http(9200), tcp(9300)],
    startup: seconds(15),
    stops: { SIGTERM: { after: seconds(2), exitCode: 143 } },
    memoryBytes: 1200 * MiB,
    cpuNanocores: 20_000_000,
    http: () => ({ http: { status: 200, body: '{"status":"green"}\n' } }),
  },
  {
    name: 'rabbitmq',
    images: ['rabbitmq'],
    commands: ['rabbitmq-server'],
    ports: [tcp(5672), tcp(25672), tcp(4369), http(15672), http(15692)],
    startup: seconds(6),
    stops: { SIGTERM: { after: seconds(2), exitCode: 0 } },
    memoryBytes: 130 * MiB,
    cpuNanocores: 5_000_000,
    data: { folder: '/var/lib/rabbitmq', marker: 'mnesia', setup: seconds(2) },
    ready: 'Server startup complete',
  },
  {
    name: 'kafka',
    images: ['kafka', 'cp-kafka', 'strimzi/kafka', 'redpanda'],
    commands: ['kafka-server-start.sh', 'kafka-server-start'],
    ports: [tcp(9092), tcp(9093)],
    startup: seconds(5),
    stops: { SIGTERM: { after: seconds(3), exitCode: 143 } },
    memoryBytes: 500 * MiB,
    cpuNanocores: 15_000_000,
    data: { folder: '/var/lib/kafka', marker: 'meta.properties', setup: seconds(2) },
    ready: 'Kafka Server started',
  },
  {
    name: 'zookeeper',
    images: ['zookeeper', 'cp-zookeeper', 'kubernetes-zookeeper'],
    commands: ['zkServer.sh', 'start-zookeeper'],
    ports: [tcp(2181), tcp(2888), tcp(3888), http(8080)],
    startup: seconds(2),
    stops: { SIGTERM: { after: milliseconds(500), exitCode: 143 } },
    memoryBytes: 90 * MiB,
    cpuNanocores: 2_000_000,
    data: { folder: '/data', marker: 'version-2', setup: 0 },
    talk: (data) => (data.startsWith('ruok') ? 'imok' : undefined),
  },
  {
    name: 'nats',
    images: ['nats'],
    commands: ['nats-server'],
    ports: [tcp(4222), http(8222), tcp(6222)],
    startup: milliseconds(200),
    stops: { SIGTERM: quick, SIGINT: quick, SIGUSR2: { after: seconds(2), exitCode: 0 } },
    memoryBytes: 12 * MiB,
    cpuNanocores: 500_000,
    ready: 'Server is ready',
  },
  {
    name: 'minio',
    images: ['minio'],
    commands: ['minio'],
    ports: [http(9000), http(9001)],
    startup: seconds(1),
    stops: { SIGTERM: quick, SIGINT: quick },
    memoryBytes: 80 * MiB,
    cpuNanocores: 1_000_000,
  },
  {
    name: 'etcd',
    images: ['etcd'],
    commands: ['etcd'],
    ports: [{ port: 2379, speaks: 'any' }, tcp(2380), http(2381)],
    startup: seconds(1),
    stops: { SIGTERM: { after: milliseconds(300), exitCode: 0 }, SIGINT: { after: milliseconds(300), exitCode: 0 } },
    memoryBytes: 40 * MiB,
    cpuNanocores: 10_000_000,
    data: { folder: '/var/lib/etcd', marker: 'member', setup: 0 },
    ready: 'ready to serve client requests',
    http: () => ({ http: { status: 200, body: '{"health":"true","reason":""}\n' } }),
  },
];
