import { CallError } from '@slipway/kernel';

/**
 * Every condition under which runtime-spec 1.3.0, "Operations", demands an error, by a name of ours: the spec has no codes, a runtime
 * exits with non-zero and prints. `source` is the spec's section, or runc's manual page for what runc adds.
 */
export const runtimeErrors = {
  ID_REQUIRED: { source: 'Operations: no id is given', message: 'container id cannot be empty' },
  BUNDLE_REQUIRED: { source: 'Create: no bundle is given', message: 'bundle path cannot be empty' },
  ID_INVALID: { source: 'Create: the id is invalid', message: 'invalid container ID format' },
  ID_IN_USE: { source: 'Create: the id is not unique', message: 'container with given ID already exists' },
  CONFIG_INVALID: { source: 'Create: a property cannot be applied', message: 'invalid configuration' },
  HOOK_FAILED: { source: 'Lifecycle, steps 3-5, 7 and 9', message: 'error running hook' },
  UNKNOWN_CONTAINER: { source: 'Query State, Start, Kill, Delete: no such container', message: 'container does not exist' },
  NOT_CREATED: { source: 'Start: the container is not created', message: 'cannot start an already running container' },
  PROCESS_NOT_SET: { source: 'Start: process is not set', message: 'process property must not be empty' },
  PROCESS_FAILED: { source: 'Process: the program cannot be run', message: 'unable to start container process' },
  NOT_RUNNING: { source: 'Kill: neither created nor running', message: 'container not running' },
  SIGNAL_INVALID: { source: 'runc-kill(8)', message: 'unknown signal' },
  NOT_STOPPED: { source: 'Delete: the container is not stopped', message: 'container still running' },
  PAUSED: { source: 'runc-exec(8)', message: 'cannot exec in a paused container (use --ignore-paused to override)' },
  NOT_PAUSED: { source: 'runc-resume(8)', message: 'container not paused' },
} as const satisfies Readonly<Record<string, { readonly source: string; readonly message: string }>>;

export type OciRuntimeCode = keyof typeof runtimeErrors;

/** An operation that a runtime refused, or could not do; it left things as if never tried. `message` is what runc prints. */
export class OciRuntimeError extends CallError {
  override readonly name: string = 'OciRuntimeError';

  constructor(code: OciRuntimeCode, message: string = runtimeErrors[code].message) {
    super(code, message);
  }
}
