import { Host, type HostProcess, type ProcessSpec } from '@slipway/host';
import { Kernel, type Process, seconds, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { programs } from '../resolver.ts';
import { arithmetic } from './arithmetic.ts';
import { parseScript } from './parser.ts';

interface Ran {
  readonly out: string[];
  readonly err: string[];
  readonly warnings: string[];
  readonly process: HostProcess;
  readonly host: Host;
  readonly kernel: Kernel;
  readonly after: (micros: number) => void;
}

/** Starts a container of busybox with this command and lets it run until nothing happens any more, or `for` has passed. */
function start(argv: readonly string[], options: Partial<ProcessSpec> & { files?: Record<string, string> } = {}): Ran {
  const kernel = new Kernel();
  const warnings: string[] = [];
  const host = new Host({ name: 'node-1', kernel, programs: programs(), warn: (message) => warnings.push(message) });
  const [out, err]: [string[], string[]] = [[], []];
  for (const [path, content] of Object.entries(options.files ?? {})) host.files.write(`/volume${path}`, content, { parents: true });
  const process = host.processes.start({
    name: 'pod/app',
    argv,
    image: 'busybox',
    hostname: 'web-0',
    netns: host.network.root,
    stdout: (line, stream) => (stream === 'stdout' ? out : err).push(line),
    ...(options.files ? { mounts: [{ source: '/volume', destination: '/scripts' }] } : {}),
    ...options,
  });
  const tester = kernel.owner('tester');
  const after = (micros: number): void => kernel.complete(tester, 'wait', sleep(micros));
  after(1);
  return { out, err, warnings, process, host, kernel, after };
}

const sh = (script: string, options: Parameters<typeof start>[1] = {}): Ran => start(['sh', '-c', script], options);

/** What a script prints and ends with. */
function result(script: string, options: Parameters<typeof start>[1] = {}): [string, number | undefined] {
  const { out, process } = sh(script, options);
  return [out.join('\n'), process.exitCode];
}

describe('shell', () => {
  test.each([
    ['echo one; echo two && echo three || echo four', 'one\ntwo\nthree', 0],
    ['false || { echo "not"; exit 3; }', 'not', 3],
    [`X=5; echo "$X" '$X' "\${X}th" \${Y:-none} \${#X}`, '5 $X 5th none 1', 0],
    [
      'F=/etc/app/config.yaml; echo ${F##*/} ${F%.yaml} ${F#/} ${F/app/web}',
      'config.yaml /etc/app/config etc/app/config.yaml /etc/web/config.yaml',
      0,
    ],
    ['echo $(echo inner | tr a-z A-Z) `hostname`', 'INNER web-0', 0],
    ['ORDINAL=${HOSTNAME##*-}; if [ "$ORDINAL" -eq 0 ]; then echo master; else echo replica; fi', 'master', 0],
    ['[[ $(hostname) =~ -([0-9]+)$ ]] || exit 1; echo ok', 'ok', 0],
    ['for i in 1 2 3; do echo $i; done', '1\n2\n3', 0],
    ['for i in {1..3} $(seq 4 5); do printf "%s " "$i"; done; echo', '1 2 3 4 5 ', 0],
    ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); [ $i -eq 2 ] && continue; echo $i; done', '1\n3', 0],
    ['until false; do echo once; break; done', 'once', 0],
    ['case "$(uname)" in Darwin) echo mac;; Lin*|BSD) echo linux;; *) echo other;; esac', 'linux', 0],
    ['greet() { echo "hi $1"; return 4; }; greet bob; echo $?', 'hi bob\n4', 0],
    ['set -e; echo a; false; echo b', 'a', 1],
    ['set -e; if false; then :; fi; false || true; ! true; echo b', 'b', 0],
    ['(exit 7); echo $?; (cd /tmp && pwd); pwd', '7\n/tmp\n/', 0],
    ['echo hello > /tmp/f; echo world >> /tmp/f; cat < /tmp/f; wc -l < /tmp/f', 'hello\nworld\n2', 0],
    ['echo err 1>&2; cat /nowhere 2>/dev/null || echo missing', 'missing', 0],
    ["cat <<EOF > /tmp/x\na $HOME\nEOF\ncat <<'E'\n$HOME\nE\ncat /tmp/x", '$HOME\na /root', 0],
    ['printf "a\\nb\\nb\\n" | sort -r | uniq | head -1', 'b', 0],
    ['echo "a b c" | while read x y; do echo "$y"; done', 'b c', 0],
    ['touch /tmp/a1 /tmp/a2; echo /tmp/a*; ls /tmp | grep -c a', '/tmp/a1 /tmp/a2\n2', 0],
    ['X="a  b"; echo $X; echo "$X"', 'a b\na  b', 0],
    ['set -- a "b c"; echo $#; for x in "$@"; do echo "$x"; done; shift; echo $1', '2\na\nb c\nb c', 0],
    ['A=1 env | grep ^A=; export B=2; env | grep ^B=', 'A=1\nB=2', 0],
    ['echo $((2 + 3 * 4)) $(( (1+1) << 2 )); (( 5 > 3 )) && echo yes', '14 8\nyes', 0],
    ['trap "echo bye" EXIT; echo hi; exit 2', 'hi\nbye', 2],
    ['eval "echo $((1+1))"; type cat >/dev/null && echo known', '2\nknown', 0],
    ['date -u +%Y-%m-%dT%H:%M:%SZ; date +%s', '2026-01-01T00:00:00Z\n1767225600', 0],
    ['sleep 0 & wait $!; echo $?', '0', 0],
    ['X=""; [[ -z $X && web-0 == web-* ]] && echo yes; [[ a == b || -n $X ]] || echo no', 'yes\nno', 0],
    ['cat <<< "here $((1+1))"; false | true; echo $?', 'here 2\n0', 0],
    ['echo a \\\n  b # comment\n\n# more\necho c', 'a b\nc', 0],
    ['echo aXa | sed "s/a/b/g; s/X/-/"', 'b-b', 0],
    ["echo 'k1=v1,k2=v2' | cut -d, -f2 | awk -F= '{print $2}'", 'v2', 0],
    ['echo aGVsbG8= | base64 -d; echo; printf hello | base64', 'hello\naGVsbG8=', 0],
    ['nosuch=${MISSING:?must be set}; echo never', '', 2],
  ] as const)('script: %s', (script, out, code) => {
    expect(result(script)).toEqual([out, code]);
  });

  test('script: time passes in sleep, and only there', () => {
    const { out, process, after, kernel } = sh('for i in 1 2 3; do echo $i; sleep 1; done');
    expect(out).toEqual(['1']);
    after(seconds(5));
    expect([out, process.finishedAt]).toEqual([['1', '2', '3'], seconds(3)]);
    expect(kernel.now).toBeGreaterThan(seconds(5));
  });

  test('script: without a trap the first process ignores SIGTERM, as on Linux', () => {
    for (const argv of [
      ['sleep', '3600'],
      ['sh', '-c', 'sleep 3600'],
      ['sh', '-c', 'while true; do sleep 1; done'],
      ['tail', '-f', '/dev/null'],
    ]) {
      const { process, after } = start(argv);
      process.signal('SIGTERM');
      after(seconds(60));
      expect(process.state).toBe('running');
      process.signal('SIGKILL');
      expect(process.exitCode).toBe(137);
    }
  });

  test('script: a trap runs after the command in the foreground, or at once in wait', () => {
    const late = sh('trap "echo caught; exit 0" TERM; while true; do sleep 10; done');
    late.after(seconds(1));
    late.process.signal('SIGTERM');
    late.after(seconds(20));
    expect([late.out, late.process.exitCode, late.process.finishedAt]).toEqual([['caught'], 0, seconds(10)]);
    const soon = sh('trap "echo caught; exit 5" TERM; sleep 10 & wait');
    soon.after(seconds(1));
    soon.process.signal('SIGTERM');
    soon.after(seconds(20));
    expect([soon.process.exitCode, (soon.process.finishedAt ?? 0) < seconds(1.1)]).toEqual([5, true]);
  });

  test('script: the last command takes the place of the shell and gets its signals', () => {
    const replaced = sh("echo start; exec nginx -g 'daemon off;'");
    replaced.after(seconds(1));
    replaced.process.signal('SIGTERM');
    replaced.after(seconds(1));
    expect([replaced.out[0], replaced.process.exitCode]).toEqual(['start', 0]);
    const shielded = sh("nginx -g 'daemon off;'; echo after");
    shielded.after(seconds(1));
    shielded.process.signal('SIGTERM');
    shielded.after(seconds(60));
    expect(shielded.process.state).toBe('running');
  });

  test('script: background jobs run on, and kill ends them', () => {
    const { out, process, after } = sh(
      'nginx & PID=$!; sleep 1; kill -0 $PID && echo alive; kill $PID; wait $PID; echo "ended $?"; sleep 5 & kill $!; wait $!; echo $?',
    );
    after(seconds(10));
    expect([out, process.exitCode]).toEqual([['alive', 'ended 0', '143'], 0]);
  });

  test('script: a loop that waits without sleeping lets time pass', () => {
    const { process, after, host, kernel } = sh('while [ ! -f /scripts/go ]; do :; done; echo gone', { files: { '/x': '' } });
    after(seconds(3));
    expect([process.state, kernel.now > seconds(3)]).toEqual(['running', true]);
    host.files.write('/volume/go', '');
    after(seconds(1));
    expect(process.exitCode).toBe(0);
  });

  test('script: files from a volume are scripts', () => {
    const run = start(['/scripts/start.sh', 'x'], {
      files: { '/start.sh': '#!/bin/sh\n. /scripts/lib.sh\necho "$(name) $1"\n', '/lib.sh': 'name() { echo lib; }' },
    });
    expect([run.out, run.process.exitCode]).toEqual([['lib x'], 0]);
    const other = start(['bash', '-euo', 'pipefail', '/scripts/run.sh'], { files: { '/run.sh': 'false | true\necho never' } });
    expect([other.out, other.process.exitCode]).toEqual([[], 1]);
  });

  test('unknown command: warns; an init container succeeds, a server runs on', () => {
    const init = sh('frobnicate --now && echo done', { oneShot: true });
    expect([init.out, init.process.exitCode]).toEqual([['done'], 0]);
    expect(init.warnings).toEqual(['pod/app: the command "frobnicate" is not simulated; it is taken to succeed']);
    const server = sh('echo setup; frobnicate --serve');
    server.after(seconds(60));
    expect([server.out, server.process.state]).toEqual([['setup'], 'running']);
    server.process.signal('SIGTERM');
    server.after(seconds(1));
    expect(server.process.exitCode).toBe(0);
  });

  test('pipe: a writer that nobody reads is ended', () => {
    const { out, process, after } = sh('while true; do echo y; sleep 1; done | head -2; echo end');
    after(seconds(10));
    expect([out, process.exitCode, process.finishedAt]).toEqual([['y', 'y', 'end'], 0, seconds(2)]);
  });

  test('exec: a probe sees files, and its output stays out of the log', () => {
    const { host, kernel, process, out } = start(['sleep', '100']);
    const tester = kernel.owner('kubelet');
    const exec = (...argv: string[]) =>
      kernel.complete(tester, 'exec', host.processes.exec(process, argv) as Process<{ exitCode: number; stdout: string; stderr: string }>);
    expect(exec('cat', '/tmp/healthy')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: "cat: can't open '/tmp/healthy': No such file or directory\n",
    });
    expect(exec('touch', '/tmp/healthy').exitCode).toBe(0);
    expect(exec('/bin/sh', '-c', 'test -f /tmp/healthy && echo yes').stdout).toBe('yes\n');
    expect(exec('sh', '-c', 'echo from the hook > /proc/1/fd/1').stdout).toBe('');
    expect(out).toEqual(['from the hook']);
    expect(exec('false').exitCode).toBe(1);
    expect(exec('sh', '-c', 'if then').exitCode).toBe(2);
  });
});

test('arithmetic: agrees with what it was made from', () => {
  type Term = { text: string; value: number };
  const apply = (a: Term, operator: string, b: Term): number => {
    const { value: x } = a;
    const { value: y } = b;
    return (
      { '+': x + y, '-': x - y, '*': x * y, '<': Number(x < y), '==': Number(x === y), '&&': Number(x !== 0 && y !== 0) }[operator] ?? 0
    );
  };
  const { term } = fc.letrec<{ term: Term }>((tie) => ({
    term: fc.oneof(
      { maxDepth: 4 },
      fc.nat(50).map((value) => ({ text: String(value), value })),
      fc
        .tuple(tie('term'), fc.constantFrom('+', '-', '*', '<', '==', '&&'), tie('term'))
        .map(([a, operator, b]) => ({ text: `(${a.text} ${operator} ${b.text})`, value: apply(a, operator, b) })),
    ),
  }));
  fc.assert(
    fc.property(term, ({ text, value }) => {
      expect(arithmetic(text, { get: () => '', set: () => {} })).toBe(value);
    }),
  );
});

test.each([
  ['1 + 2 * 3 - 4', 3],
  ['10 / 3 % 2', 1],
  ['1 < 2 && 3 != 4 ? 7 : 8', 7],
  ['-(2 + 3) * 2', -10],
  ['!0 + ~0', 0],
] as const)('arithmetic: %s is %i', (text, value) => {
  expect(arithmetic(text, { get: () => '', set: () => {} })).toBe(value);
});

test('parser: never fails but with a syntax error', () => {
  const piece = fc.constantFrom(
    'if',
    'then',
    'fi',
    'while',
    'do',
    'done',
    'echo',
    '"a',
    '$(',
    ')',
    '${X',
    '}',
    ';',
    '&&',
    '|',
    '\n',
    '<<E',
    'E',
    '((',
    "'",
    'case',
    'in',
    'esac',
    ';;',
    '>',
    '&',
    '{',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        parseScript(pieces.join(' '));
      } catch (error) {
        expect((error as Error).name).toBe('ShellSyntaxError');
      }
    }),
    { numRuns: 500 },
  );
});

test('quoting: a word in single quotes is itself', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      const quoted = `'${text.replace(/'/g, `'\\''`)}'`;
      const [item] = parseScript(`echo ${quoted}`);
      const command = item?.command;
      const word = command?.kind === 'simple' ? command.words[1] : undefined;
      expect(word?.map((part) => (part.kind === 'text' ? part.text : '?')).join('')).toBe(text);
    }),
  );
});
