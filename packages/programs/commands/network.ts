import type { HostError, HttpReply } from '@slipway/host';
import { codeOf, messageOf, type Process, seconds } from '@slipway/kernel';
import { at, type Call, type CommandTable, fail, say } from './command.ts';

/** Words of wget, curl and nc for what went wrong. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  ETIMEDOUT: 'Operation timed out',
  ENETUNREACH: 'Network is unreachable',
  EHOSTUNREACH: 'Host is unreachable',
};

/** Reason phrases. Source: RFC 9110, section 15. */
const PHRASES: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** `HTTP/1.1 404 Not Found`. */
const statusLine = (status: number): string => `HTTP/1.1 ${status} ${PHRASES[status] ?? ''}`.trimEnd();

/** The head of an answer, line by line. */
const headOf = ({ status, headers = {} }: HttpReply): readonly string[] => [
  statusLine(status),
  ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
];

const wordsOf = (error: unknown): string => WORDS[codeOf(error)] ?? messageOf(error);

interface Options {
  readonly url: string;
  readonly flags: ReadonlyMap<string, string>;
}

/** Arguments of curl and wget: flags with and without a value, in long and short form, and a URL. */
function optionsOf(args: readonly string[], valued: readonly string[]): Options {
  const flags = new Map<string, string>();
  let url = '';
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (!arg.startsWith('-')) {
      url = arg;
      continue;
    }
    const [name = '', glued] = arg.startsWith('--') ? arg.slice(2).split(/=(.*)/s) : [arg.slice(1), undefined];
    if (valued.includes(name)) flags.set(name, glued ?? args[(index += 1)] ?? '');
    else if (arg.startsWith('--')) flags.set(name, glued ?? '');
    else {
      // `-qO-`, `-sfo /dev/null`, `-T5`: letters, of which the first with a value takes the rest.
      for (let letter = 0; letter < name.length; letter += 1) {
        const short = name[letter] ?? '';
        if (!valued.includes(short)) flags.set(short, '');
        else {
          flags.set(short, name.slice(letter + 1) || (args[(index += 1)] ?? ''));
          break;
        }
      }
    }
  }
  return { url, flags };
}

const first = (flags: ReadonlyMap<string, string>, ...names: readonly string[]): string | undefined =>
  names.map((name) => flags.get(name)).find((value) => value !== undefined);

const limitOf = (text: string | undefined): number => seconds(Number(text ?? 60) || 60);

function put(call: Call, path: string | undefined, body: string): void {
  if (path === undefined || path === '-') call.stdout.write(body);
  else if (path !== '/dev/null') call.context.files.write(at(call, path), body);
}

function* wget(call: Call): Process<number> {
  const { url, flags } = optionsOf(call.args, ['O', 'T', 't', 'U', 'P', 'output-document', 'timeout', 'tries', 'header', 'post-data']);
  const host = /^(?:https?:\/\/)?([^/:]+)/.exec(url)?.[1] ?? url;
  let reply: HttpReply;
  try {
    reply = yield* call.context.fetch(url, { headers: { 'User-Agent': 'Wget' } }, limitOf(first(flags, 'T', 'timeout')));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return fail(call, `wget: bad address '${host}'`);
    return fail(
      call,
      codeOf(error) === 'ETIMEDOUT' ? 'wget: download timed out' : `wget: can't connect to remote host (${host}): ${wordsOf(error)}`,
    );
  }
  // Two spaces before each line, as scripts that read it expect (wget's manual, "--server-response").
  if (flags.has('S') || flags.has('server-response')) for (const line of headOf(reply)) call.stderr.write(`  ${line}\n`);
  if (reply.status >= 400) return fail(call, `wget: server returned error: ${statusLine(reply.status)}`);
  if (!flags.has('spider'))
    put(
      call,
      first(flags, 'O', 'output-document') ?? /\/([^/?]+)(?:\?.*)?$/.exec(url.replace(/^https?:\/\/[^/]*/, ''))?.[1] ?? 'index.html',
      reply.body,
    );
  return 0;
}

const CURL_VALUED = [
  'o',
  'w',
  'm',
  'X',
  'H',
  'd',
  'A',
  'u',
  'output',
  'write-out',
  'max-time',
  'connect-timeout',
  'request',
  'header',
  'data',
  'retry',
  'retry-delay',
  'cacert',
  'user',
  'resolve',
];

function* curl(call: Call): Process<number> {
  const { url, flags } = optionsOf(call.args, CURL_VALUED);
  const [, host = '', port = url.startsWith('https') ? '443' : '80'] = /^(?:\w+:\/\/)?([^/:]+)(?::(\d+))?/.exec(url) ?? [];
  const quiet = (flags.has('s') || flags.has('silent')) && !flags.has('S') && !flags.has('show-error');
  const complain = (code: number, text: string): number => (quiet ? code : fail(call, `curl: (${code}) ${text}`, code));
  const method =
    first(flags, 'X', 'request') ?? (flags.has('d') || flags.has('data') ? 'POST' : flags.has('I') || flags.has('head') ? 'HEAD' : 'GET');
  const header = /^([^:]+):\s*(.*)$/.exec(first(flags, 'H', 'header') ?? '');
  let reply: HttpReply;
  try {
    const body = first(flags, 'd', 'data');
    const headers = { 'User-Agent': 'curl', ...(header?.[1] === undefined ? {} : { [header[1]]: header[2] ?? '' }) };
    reply = yield* call.context.fetch(
      url,
      { method, headers, ...(body === undefined ? {} : { body }) },
      limitOf(first(flags, 'm', 'max-time', 'connect-timeout')),
    );
  } catch (error) {
    const code = codeOf(error);
    // Exit codes by curl's manual, "EXIT CODES".
    if (code === 'ENOENT') return complain(6, `Could not resolve host: ${host}`);
    if (code === 'ETIMEDOUT') return complain(28, 'Operation timed out');
    if (code === 'ECONNRESET') return complain(52, 'Empty reply from server');
    return complain(7, `Failed to connect to ${host} port ${port}: ${wordsOf(error)}`);
  }
  const failed = (flags.has('f') || flags.has('fail')) && reply.status >= 400;
  const shown = method === 'HEAD' || flags.has('i') || flags.has('include') ? `${headOf(reply).join('\r\n')}\r\n\r\n` : '';
  if (shown !== '' || (!failed && method !== 'HEAD'))
    put(call, first(flags, 'o', 'output'), `${shown}${failed || method === 'HEAD' ? '' : reply.body}`);
  const format = first(flags, 'w', 'write-out');
  if (format !== undefined)
    call.stdout.write(format.replace(/%\{(http_code|response_code)\}/g, String(reply.status)).replace(/\\n/g, '\n'));
  return failed ? complain(22, `The requested URL returned error: ${reply.status}`) : 0;
}

function* netcat(call: Call): Process<number> {
  const { flags } = optionsOf(call.args, ['w', 'p', 'i']);
  const words = call.args.filter((arg, index) => !arg.startsWith('-') && !/^-\w*[wpi]$/.test(call.args[index - 1] ?? ''));
  const [host = '', port = ''] = words;
  if (flags.has('l')) {
    const listened = Number(flags.get('p') ?? words.at(-1) ?? 0);
    call.context.listen('tcp', listened, () => ({}));
    for (;;) yield* call.context.sleep(seconds(86_400));
  }
  const [ip] = yield* call.context.lookup(host);
  if (ip === undefined) return fail(call, `nc: bad address '${host}'`);
  const data = flags.has('z') ? undefined : yield* call.stdin.line();
  try {
    const limit = limitOf(flags.get('w'));
    const reply = yield* call.context.request({
      ip,
      port: Number(port),
      protocol: flags.has('u') ? 'udp' : 'tcp',
      timeout: limit,
      ...(data === undefined ? {} : { data }),
    });
    if (reply.data !== undefined) call.stdout.write(reply.data);
    if (flags.has('v')) call.stderr.write(`${host} (${ip}:${port}) open\n`);
    return 0;
  } catch (error) {
    return flags.has('z') && !flags.has('v') ? 1 : fail(call, `nc: ${host} (${ip}:${port}): ${wordsOf(error)}`);
  }
}

function* lookup(call: Call, said: (name: string, ips: readonly string[]) => void): Process<number> {
  const name = call.args.find((arg) => !/^[-+]/.test(arg) && arg !== 'hosts' && arg !== 'ahosts') ?? '';
  const ips = yield* call.context.lookup(name);
  said(name, ips);
  return ips.length > 0 ? 0 : 1;
}

/** Commands that ask other machines. */
export const NETWORK_COMMANDS: CommandTable = {
  wget,
  curl,
  nc: netcat,
  ncat: netcat,
  netcat,
  telnet: netcat,
  nslookup: (call) =>
    lookup(call, (name, ips) => {
      if (ips.length === 0) call.stderr.write(`** server can't find ${name}: NXDOMAIN\n`);
      for (const ip of ips) say(call, `Name:\t${name}\nAddress: ${ip}`);
    }),
  host: (call) =>
    lookup(call, (name, ips) => {
      if (ips.length === 0) say(call, `Host ${name} not found: 3(NXDOMAIN)`);
      for (const ip of ips) say(call, `${name} has address ${ip}`);
    }),
  *dig(call) {
    yield* lookup(call, (name, ips) => {
      for (const ip of ips) say(call, call.args.includes('+short') ? ip : `${name}.\t30\tIN\tA\t${ip}`);
    });
    // dig succeeds once the server has answered, whatever the answer is.
    return 0;
  },
  *getent(call) {
    const status = yield* lookup(call, (name, ips) => {
      for (const ip of ips) say(call, `${ip.padEnd(15)} ${name}`);
    });
    return status === 0 ? 0 : 2;
  },
  *ping(call) {
    const { url, flags } = optionsOf(call.args, ['c', 'W', 'w', 'i', 's']);
    const [ip] = yield* call.context.lookup(url);
    if (ip === undefined) return fail(call, `ping: bad address '${url}'`);
    const count = Number(flags.get('c') ?? Number.POSITIVE_INFINITY);
    let heard = 0;
    for (let sent = 0; sent < count; sent += 1) {
      if (sent > 0) yield* call.context.sleep(seconds(1));
      if (yield* answers(call, ip, limitOf(flags.get('W') ?? '10'))) {
        heard += 1;
        say(call, `64 bytes from ${ip}: seq=${sent} ttl=64 time=0.1 ms`);
      }
    }
    say(call, `${count} packets transmitted, ${heard} packets received`);
    return heard > 0 ? 0 : 1;
  },
  ip(call) {
    const { netns } = call.context;
    if (call.args.some((arg) => /^r(oute)?$/.test(arg)))
      for (const { dst, gw, dev } of netns.routes)
        say(call, `${dst === '0.0.0.0/0' ? 'default' : dst}${gw === undefined ? '' : ` via ${gw}`} dev ${dev}`);
    else
      for (const link of netns.interfaces.values())
        for (const address of link.addresses) say(call, `    inet ${address} scope global ${link.name}`);
    return 0;
  },
  ifconfig(call) {
    for (const link of call.context.netns.interfaces.values()) say(call, `${link.name} ${link.addresses.join(' ')}`);
    return 0;
  },
  netstat: (call) => sockets(call),
  ss: (call) => sockets(call),
};

/** Whether a machine is there: one that refuses a connection is. */
function* answers(call: Call, ip: string, limit: number): Process<boolean> {
  try {
    yield* call.context.request({ ip, port: 7, protocol: 'udp', timeout: limit });
    return true;
  } catch (error) {
    return codeOf(error) === ('ECONNREFUSED' satisfies HostError['code']);
  }
}

function sockets(call: Call): number {
  for (const { protocol, port, address } of call.context.netns.sockets)
    if (port !== 0) say(call, `${protocol}        0      0 ${address ?? '0.0.0.0'}:${port}            0.0.0.0:*               LISTEN`);
  return 0;
}
