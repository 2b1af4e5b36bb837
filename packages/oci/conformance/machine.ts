import { type ExecResult, Host, type Program, SIGNAL_NUMBERS } from '@slipway/host';
import { type Implementation, Kernel, link, type Process } from '@slipway/kernel';
import type { OciDistribution } from '../distribution/contract.ts';
import { ociDistribution } from '../distribution/service.ts';
import type { OciRuntime } from '../runtime/contract.ts';
import { ociRuntime } from '../runtime/service.ts';
import type { OciMachine, OciSubject } from './subject.ts';

/** What to put under test: makers, since every case starts anew. */
export interface Candidates {
  readonly runtime?: (host: Host) => Implementation<OciRuntime>;
  readonly distribution?: () => Implementation<OciDistribution>;
}

/** A fresh world with one machine, and the candidates behind links without delay or faults. */
export function makeOciSubject({ runtime, distribution }: Candidates): OciSubject {
  const kernel = new Kernel({ seed: 1 });
  const ran: string[] = [];
  const host = new Host({ name: 'machine', kernel, programs: { resolve: (_, argv) => programFor(argv, ran) } });
  const from = kernel.owner('conformance');
  // The runtime is a program on disk that anybody may run: it has no part in the machine's power.
  const to = kernel.owner('under-test');
  return {
    settle: (process) => kernel.completeAsync(from, 'case', process),
    ...(runtime && { runtime: link(runtime(host), { service: ociRuntime, from, to }), machine: machineOf(host, ran) }),
    ...(distribution && { distribution: link(distribution(), { service: ociDistribution, from, to }) }),
  };
}

function machineOf(host: Host, ran: readonly string[]): OciMachine {
  let bundles = 0;
  return {
    ran,
    bundle(spec, path) {
      bundles += path === undefined ? 1 : 0;
      const bundle = path ?? `/var/lib/conformance/bundle-${bundles}`;
      host.files.makeDirectory(`${bundle}/rootfs`, { recursive: true });
      host.files.write(`${bundle}/config.json`, JSON.stringify(spec));
      return bundle;
    },
    exists: (path) => host.files.exists(path),
    hook: (name, exitCode = 0) => ({ path: '/conformance/hook', args: ['/conformance/hook', name, String(exitCode)] }),
    namespaces: () => host.network.list().length,
    reboot: async () => {
      host.powerOff();
      host.powerOn();
    },
  };
}

/** The programs of `subject.ts`, and hooks. */
function programFor(argv: readonly string[], ran: string[]): Program {
  const [path = '', ...rest] = argv;
  return {
    name: path,
    *run(context): Process<number> {
      if (path === '/conformance/hook') {
        ran.push(rest[0] ?? '');
        return Number(rest[1] ?? 0);
      }
      ran.push(path);
      if (path === '/conformance/forever') return 128 + SIGNAL_NUMBERS[yield* context.signals.receive()];
      const { exitCode, stdout } = execute(argv);
      if (stdout !== '') context.print(stdout);
      return exitCode;
    },
    *exec(_, command): Process<ExecResult> {
      return execute(command);
    },
  };
}

function execute([path = '', ...rest]: readonly string[]): ExecResult {
  if (path === '/conformance/exit') return { exitCode: Number(rest[0] ?? 0), stdout: '', stderr: '' };
  if (path === '/conformance/echo') return { exitCode: 0, stdout: rest.join(' '), stderr: '' };
  return { exitCode: 127, stdout: '', stderr: `exec: "${path}": executable file not found in $PATH` };
}
