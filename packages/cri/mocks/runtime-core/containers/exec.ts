import { codeOf, messageOf, seconds, timeout, type Process } from '@slipway/kernel';
import { encode, type ExecResponse } from '@slipway/oci';
import type { ExecSyncRequest, ExecSyncResponse } from '../../../messages/index.ts';
import { execSyncOutputBytes } from '../../../rules.ts';
import type { Container } from './container.ts';
import type { RuntimeCore } from '../core.ts';

/** Runs a command in a running container. Source: containerd, internal/cri/server/container_execsync.go. */
export function* execSync(
  core: RuntimeCore,
  container: Container,
  { cmd, timeout: limit = 0 }: ExecSyncRequest,
): Process<ExecSyncResponse> {
  const { words } = core.flavour;
  if (container.state !== 'running') throw words.notRunning(container.id, container.criState);
  const command = core.oci.exec({ id: container.id, process: { args: cmd, cwd: '/' } });
  let result: ExecResponse;
  try {
    result = yield* limit > 0 ? timeout(command, seconds(limit)) : command;
  } catch (error) {
    if (codeOf(error) === 'DEADLINE_EXCEEDED') throw words.execTimedOut(cmd, limit);
    throw words.execFailed(container.id, messageOf(error));
  }
  return { exitCode: result.exitCode, stdout: bounded(result.stdout), stderr: bounded(result.stderr) };
}

function bounded(output: string): Uint8Array {
  const bytes = encode(output);
  return bytes.length > execSyncOutputBytes ? bytes.subarray(0, execSyncOutputBytes) : bytes;
}
