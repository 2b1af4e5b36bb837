import { type Process, seconds } from '@slipway/kernel';
import { type Call, type CommandTable, fail, say } from './command.ts';

/** A client tool that asks its server whether it is well. */
interface ClientModel {
  readonly names: readonly string[];
  readonly port: number;
  /** Flags that name the server, `-h` and `-p` if left out. */
  readonly hostFlags?: readonly string[];
  readonly portFlags?: readonly string[];
  readonly host?: (call: Call) => string | undefined;
  readonly well: string | ((call: Call) => string);
  /** What it says when it cannot connect. */
  readonly ill: (host: string, port: number) => string;
  readonly illCode?: number;
}

const CLIENTS: readonly ClientModel[] = [
  {
    names: ['redis-cli', 'valkey-cli'],
    port: 6379,
    well: (call) =>
      call.args.some((arg) => arg.toLowerCase() === 'ping')
        ? 'PONG'
        : call.args.some((arg) => arg.toLowerCase() === 'info')
          ? 'role:master'
          : 'OK',
    ill: (host, port) => `Could not connect to Redis at ${host}:${port}: Connection refused`,
  },
  {
    names: ['pg_isready'],
    port: 5432,
    host: (call) => call.env['PGHOST'],
    well: (call) =>
      `${valueOf(call.args, ['-h', '--host']) ?? '/var/run/postgresql'}:${valueOf(call.args, ['-p', '--port']) ?? 5432} - accepting connections`,
    ill: (host, port) => `${host === '127.0.0.1' ? '/var/run/postgresql' : host}:${port} - no response`,
    // Manual of pg_isready, "Exit Status": 2 means no response.
    illCode: 2,
  },
  {
    names: ['psql'],
    port: 5432,
    host: (call) => call.env['PGHOST'],
    well: '',
    ill: (host, port) => `psql: error: connection to server at "${host}", port ${port} failed: Connection refused`,
    illCode: 2,
  },
  {
    names: ['mysqladmin', 'mariadb-admin'],
    port: 3306,
    portFlags: ['-P', '--port'],
    well: 'mysqld is alive',
    ill: (host) => `mysqladmin: connect to server at '${host}' failed`,
  },
  {
    names: ['mysql', 'mariadb', 'mysqldump'],
    port: 3306,
    portFlags: ['-P', '--port'],
    well: (call) => (/select\s+1/i.test(call.args.join(' ')) ? '1\n1' : ''),
    ill: (host) => `ERROR 2003 (HY000): Can't connect to MySQL server on '${host}' (111)`,
  },
  { names: ['healthcheck.sh'], port: 3306, well: '', ill: () => 'healthcheck failed' },
  {
    names: ['mongosh', 'mongo'],
    port: 27017,
    hostFlags: ['--host'],
    portFlags: ['--port'],
    well: '{ ok: 1 }',
    ill: (host, port) => `MongoNetworkError: connect ECONNREFUSED ${host}:${port}`,
  },
  {
    names: ['rabbitmq-diagnostics', 'rabbitmqctl', 'rabbitmq-plugins'],
    port: 5672,
    hostFlags: [],
    portFlags: [],
    well: 'Ping succeeded',
    ill: () => 'Error: unable to perform an operation on node',
    illCode: 69,
  },
  {
    names: ['nodetool'],
    port: 7199,
    well: 'UN',
    ill: (host, port) => `nodetool: Failed to connect to '${host}:${port}' - ConnectException: 'Connection refused (Connection refused)'.`,
  },
  {
    names: ['cqlsh'],
    port: 9042,
    well: '',
    ill: (host, port) => `Connection error: ('Unable to connect to any servers', {'${host}:${port}': ConnectionRefusedError(111)})`,
  },
  // The readiness script of gcr.io/google-samples/cassandra.
  { names: ['ready-probe.sh'], port: 9042, hostFlags: [], portFlags: [], well: '', ill: () => 'Not Up' },
  {
    names: ['etcdctl'],
    port: 2379,
    hostFlags: [],
    portFlags: [],
    well: '127.0.0.1:2379 is healthy: successfully committed proposal',
    ill: () => 'Error: context deadline exceeded',
  },
  {
    names: ['kafka-topics.sh', 'kafka-broker-api-versions.sh', 'kafka-topics'],
    port: 9092,
    hostFlags: [],
    portFlags: [],
    well: '',
    ill: () => 'Error while executing topic command : Timed out waiting for a node assignment.',
  },
  {
    names: ['zookeeper-ready', 'zkServer.sh', 'zkCli.sh'],
    port: 2181,
    hostFlags: [],
    portFlags: [],
    well: 'imok',
    ill: () => 'Error contacting service. It is probably not running.',
  },
  {
    names: ['grpc_health_probe', 'grpc-health-probe'],
    port: 50051,
    hostFlags: [],
    portFlags: [],
    well: 'status: SERVING',
    ill: (host, port) => `timeout: failed to connect service "${host}:${port}" within 1s`,
    illCode: 2,
  },
];

function valueOf(args: readonly string[], names: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    for (const name of names) {
      if (arg === name) return args[index + 1];
      if (name.startsWith('--') ? arg.startsWith(`${name}=`) : arg.startsWith(name) && !arg.startsWith('--'))
        return arg.slice(name.length + (name.startsWith('--') ? 1 : 0));
    }
  }
  return undefined;
}

/** Asks the server: a connection is health enough, as it is for most of these tools. */
const client = (model: ClientModel) =>
  function* (call: Call): Process<number> {
    const address = /^-{1,2}addr=:?(?:([^:]+):)?(\d+)/.exec(call.args.find((arg) => /^-{1,2}addr=/.test(arg)) ?? '');
    const host = address?.[1] ?? valueOf(call.args, model.hostFlags ?? ['-h', '--host']) ?? model.host?.(call) ?? '127.0.0.1';
    const port = Number(address?.[2] ?? valueOf(call.args, model.portFlags ?? ['-p', '--port']) ?? model.port) || model.port;
    const [ip] = yield* call.context.lookup(host.replace(/^\//, '') === host ? host : '127.0.0.1');
    try {
      if (ip === undefined)
        return fail(
          call,
          `${call.argv[0]}: could not translate host name "${host}" to address: Name or service not known`,
          model.illCode ?? 1,
        );
      yield* call.context.request({ ip, port, protocol: 'tcp', timeout: seconds(5) });
    } catch {
      return fail(call, model.ill(host, port), model.illCode ?? 1);
    }
    const well = typeof model.well === 'string' ? model.well : model.well(call);
    if (well !== '') say(call, well);
    return 0;
  };

/** What servers' own tools say of them. */
export const CLIENT_COMMANDS: CommandTable = Object.fromEntries(
  CLIENTS.flatMap((model) => model.names.map((name) => [name, client(model)])),
);

/** Tools that talk to the container's first process: reload, stop, or check and leave it alone. */
export const CONTROL_COMMANDS: CommandTable = {
  nginx(call) {
    const command = valueOf(call.args, ['-s']);
    if (command === undefined) {
      if (call.args.includes('-t')) call.stderr.write('nginx: configuration file /etc/nginx/nginx.conf test is successful\n');
      else call.stderr.write('nginx version: nginx\n');
      return 0;
    }
    const signal = ({ quit: 'SIGQUIT', stop: 'SIGTERM', reload: 'SIGHUP', reopen: 'SIGUSR1' } as const)[command];
    if (!signal) return fail(call, `nginx: invalid option: "-s ${command}"`);
    call.context.process.signal(signal);
    return 0;
  },
  apachectl(call) {
    const graceful = call.args.at(-1)?.includes('graceful') ?? false;
    if (call.args.some((arg) => arg.includes('stop'))) call.context.process.signal(graceful ? 'SIGWINCH' : 'SIGTERM');
    return 0;
  },
  pg_ctl(call) {
    if (call.args.includes('stop')) call.context.process.signal(call.args.includes('smart') ? 'SIGTERM' : 'SIGINT');
    return 0;
  },
};
