/** Codes that the spec reserves, by the names of containernetworking/cni pkg/types/types.go. Spec: "Error". */
export const CNI_ERROR = {
  INCOMPATIBLE_CNI_VERSION: 1,
  UNSUPPORTED_FIELD: 2,
  UNKNOWN_CONTAINER: 3,
  INVALID_ENVIRONMENT_VARIABLES: 4,
  IO_FAILURE: 5,
  DECODING_FAILURE: 6,
  INVALID_NETWORK_CONFIG: 7,
  /** The library's, not the spec's. */
  INVALID_NETNS: 8,
  TRY_AGAIN_LATER: 11,
  /** STATUS: cannot serve ADD. */
  PLUGIN_NOT_AVAILABLE: 50,
  /** STATUS: cannot serve ADD, and containers that run may have limited connectivity. */
  LIMITED_CONNECTIVITY: 51,
  /** The library's: anything that a plugin did not give a code. */
  INTERNAL: 999,
} as const;

/** First code that is a plugin's own to define. Spec: "Error". */
export const FIRST_PLUGIN_CODE = 100;

/**
 * A plugin's failure. Callers branch on `code`; the fields are those of the error object that a plugin prints.
 *
 * A plugin may throw a plain `Error` too: the runtime reports it under 999, as the reference skeleton does.
 */
export class CniError extends Error {
  override readonly name: string = 'CniError';
  /** Below 100 the spec's, from 100 on the plugin's. */
  readonly code: number;
  /** More than `message` says, for people. */
  readonly details?: string;
  /** Version of the request, where it is known. */
  readonly cniVersion?: string;

  constructor(code: number, message: string, more: { readonly details?: string; readonly cniVersion?: string } = {}) {
    super(message);
    this.code = code;
    if (more.details !== undefined) this.details = more.details;
    if (more.cniVersion !== undefined) this.cniVersion = more.cniVersion;
  }

  /** The error object as the spec has it on standard output. Spec: "Error". */
  toJSON(): { readonly cniVersion?: string; readonly code: number; readonly msg: string; readonly details?: string } {
    return {
      ...(this.cniVersion === undefined ? {} : { cniVersion: this.cniVersion }),
      code: this.code,
      msg: this.message,
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** Whether a plugin may use the code: one of the spec's, or one of its own. */
export function isAllowedCode(code: number): boolean {
  return code >= FIRST_PLUGIN_CODE || (Object.values(CNI_ERROR) as readonly number[]).includes(code);
}

/** What the reference plugins answer when they have no code for it: their skeleton reports plain errors under 999. */
export function pluginError(message: string): CniError {
  return new CniError(CNI_ERROR.INTERNAL, message);
}
