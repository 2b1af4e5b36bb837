import type { Host, HostProcess, NetworkNamespace } from '@slipway/host';
import { CallError, codeOf, messageOf, type Process, seconds, timeout, until } from '@slipway/kernel';
import { type HookKind, hookKinds, type State } from '../../runtime/contract.ts';
import type { Hook } from '../../runtime/spec.ts';

/** Annotation with what a hook's process reads from standard input: the container's state as JSON. */
export const HOOK_INPUT = 'dev.slipway.stdin';

/** The container that hooks run for. */
export interface HookSubject {
  readonly hooks: Readonly<Partial<Record<HookKind, readonly Hook[]>>>;
  readonly netns: NetworkNamespace;
  readonly rootfs: string;
}

/** Runs one kind of hooks in their order; the first that fails ends it. @throws CallError HOOK_FAILED in runc's words (libcontainer/configs/config.go). */
export function* runHooks(host: Host, kind: HookKind, { hooks, netns, rootfs }: HookSubject, state: State): Process {
  const inContainer = hookKinds.find(({ name }) => name === kind)?.runsIn === 'container';
  for (const [at, hook] of (hooks[kind] ?? []).entries()) {
    const wrong = yield* runHook(host, hook, state, {
      netns: inContainer ? netns : host.network.root,
      ...(inContainer && { rootfs }),
    });
    if (wrong !== undefined) throw new CallError('HOOK_FAILED', `error running ${kind} hook #${at}: ${wrong}`);
  }
}

/** Returns what went wrong. */
function* runHook(
  host: Host,
  hook: Hook,
  state: State,
  where: { readonly netns: NetworkNamespace; readonly rootfs?: string },
): Process<string | undefined> {
  const output = { stdout: '', stderr: '' };
  const process = host.processes.start({
    ...where,
    name: `hook/${state.id}${hook.path}`,
    argv: hook.args?.length ? [hook.path, ...hook.args.slice(1)] : [hook.path],
    env: environmentOf(hook.env ?? []),
    annotations: { [HOOK_INPUT]: JSON.stringify(state) },
    oneShot: true,
    stdout: (line, stream) => {
      output[stream] += `${line}\n`;
    },
  });
  try {
    const exitCode = yield* hook.timeout === undefined ? ended(process) : timeout(ended(process), seconds(hook.timeout));
    return exitCode === 0 ? undefined : `exit status ${exitCode}, stdout: ${output.stdout}, stderr: ${output.stderr}`;
  } catch (error) {
    if (codeOf(error) !== 'DEADLINE_EXCEEDED') return messageOf(error);
    return `hook ran past specified timeout of ${(hook.timeout ?? 0).toFixed(1)}s`;
  } finally {
    process.signal('SIGKILL');
  }
}

function* ended(process: HostProcess): Process<number> {
  while (!process.exited.value) yield* until(process.exited);
  return process.exitCode ?? 0;
}

/** `NAME=VALUE` lines as a record; of two with one name the last counts. */
export const environmentOf = (lines: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    lines.map((line) => {
      const equals = line.indexOf('=');
      return equals < 0 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
