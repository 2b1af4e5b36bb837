import { type Client, codeOf, type ConformanceCase, must, type Process } from '@slipway/kernel';
import type { OciDistribution } from '../distribution/contract.ts';
import type { OciRuntime, State } from '../runtime/contract.ts';
import type { Hook, RuntimeSpec } from '../runtime/spec.ts';

/** What a case works with, made anew for each case: the services under test behind links, and hands on the machine. */
export interface OciSubject {
  readonly runtime?: Client<OciRuntime>;
  readonly distribution?: Client<OciDistribution>;
  /** Runs a process of the world to its end; rejects with what it threw. */
  settle<T>(process: Process<T>): Promise<T>;
  /** The machine that the runtime works on; needed with `runtime`. */
  readonly machine?: OciMachine;
}

/** What cases ask of the machine under a runtime. */
export interface OciMachine {
  /** Makes a bundle with this configuration and an empty folder `rootfs`, or rewrites the configuration at the given path. Returns its path. */
  bundle(spec: RuntimeSpec, path?: string): string;
  exists(path: string): boolean;
  /** A hook that leaves its name in `ran` and ends with the exit code. */
  hook(name: string, exitCode?: number): Hook;
  /** Names of the hooks and user programs that ran, in order. */
  readonly ran: readonly string[];
  /** Network namespaces on the machine beside its own. */
  namespaces(): number;
  /** Power goes, and comes back. */
  reboot(): Promise<void>;
}

/** Command lines that every machine under test runs. */
export const programs = {
  /** Runs until a signal ends it: exit code 128 and the signal's number. Leaves its name in `ran`. */
  forever: ['/conformance/forever'],
  /** Ends at once. */
  exit: (code: number): readonly string[] => ['/conformance/exit', String(code)],
  /** Prints its words on one line; for `exec` too. */
  echo: (...words: readonly string[]): readonly string[] => ['/conformance/echo', ...words],
};

/** A case of a runtime; skipped for subjects without one. */
export function runtimeCase(
  id: string,
  title: string,
  source: string,
  check: (subject: RuntimeSubject) => Promise<void | { readonly skipped: string }>,
): ConformanceCase<OciSubject> {
  return {
    id: `oci.runtime.${id}`,
    title,
    source: `OCI runtime-spec 1.3.0, ${source}`,
    async run(connect) {
      const subject = await connect();
      const { runtime, machine } = subject;
      if (!runtime || !machine) return { skipped: 'no runtime' };
      return check(new RuntimeSubject(runtime, machine, subject.settle.bind(subject)));
    },
  };
}

/** A case of a registry; skipped for subjects without one. */
export function distributionCase(
  id: string,
  title: string,
  source: string,
  check: (registry: Client<OciDistribution>, settle: OciSubject['settle']) => Promise<void | { readonly skipped: string }>,
): ConformanceCase<OciSubject> {
  return {
    id: `oci.distribution.${id}`,
    title,
    source: `OCI distribution-spec 1.1.1 conformance, ${source}`,
    async run(connect) {
      const subject = await connect();
      return subject.distribution ? check(subject.distribution, subject.settle.bind(subject)) : { skipped: 'no registry' };
    },
  };
}

/** A runtime with what its cases do over and over. */
export class RuntimeSubject {
  readonly runtime: Client<OciRuntime>;
  readonly machine: OciMachine;
  readonly settle: OciSubject['settle'];

  constructor(runtime: Client<OciRuntime>, machine: OciMachine, settle: OciSubject['settle']) {
    this.runtime = runtime;
    this.machine = machine;
    this.settle = settle;
  }

  /** Makes a container with this program. Returns its bundle. */
  async create(id: string, spec: RuntimeSpec = specOf(programs.forever)): Promise<string> {
    const bundle = this.machine.bundle(spec);
    await this.settle(this.runtime.create({ id, bundle }));
    return bundle;
  }

  async start(id: string, spec?: RuntimeSpec): Promise<string> {
    const bundle = await this.create(id, spec);
    await this.settle(this.runtime.start({ id }));
    return bundle;
  }

  state(id: string): Promise<State> {
    return this.settle(this.runtime.state({ id }));
  }

  /** Waits for the container's end. */
  async stopped(id: string, pause: (micros: number) => Process): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      if ((await this.state(id)).status === 'stopped') return;
      await this.settle(pause(50_000));
    }
    must(false, `${id} stops`);
  }

  /** The container is unknown, which is an error to ask about. */
  async gone(id: string): Promise<boolean> {
    return (await failure(this.state(id))) !== undefined;
  }
}

/** The code of the error that a call ends with; undefined when it does not fail. */
export async function failure(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

/** Codes that a link answers with for want of an answer: no proof that the implementation refused anything. */
const SILENCE: readonly (string | undefined)[] = [undefined, 'UNIMPLEMENTED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE'];

/** Holds when the call is refused. */
export async function mustRefuse(call: Promise<unknown>, what: string, codes?: readonly string[]): Promise<void> {
  const code = await failure(call);
  must(code !== undefined && !SILENCE.includes(code), `${what} is refused (got ${code ?? 'success'})`);
  must(codes === undefined || codes.includes(code), `${what} is refused with ${codes?.join(' or ')} (got ${code})`);
}

/** A configuration that runs this program. */
export const specOf = (args: readonly string[], more: Partial<RuntimeSpec> = {}): RuntimeSpec => ({
  ociVersion: '1.3.0',
  process: { args, cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } },
  root: { path: 'rootfs' },
  linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'network' }] },
  ...more,
});
