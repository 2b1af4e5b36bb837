import { PARAMETER_PREFIX, ParameterError, secretParameterKeys } from './secret-references.ts';

// What a class says beside the driver's own parameters. Source: external-provisioner `pkg/controller/controller.go`.

type Parameters = Readonly<Record<string, string>>;

const FS_TYPE = `${PARAMETER_PREFIX}fstype`;

/** The parameters that are the driver's. @throws ParameterError for a reserved key that nobody knows */
export function driverParameters(parameters: Parameters): Parameters {
  const own: Record<string, string> = {};
  for (const [key, value] of Object.entries(parameters)) {
    if (!key.startsWith(PARAMETER_PREFIX)) own[key] = value;
    else if (key !== FS_TYPE && !secretParameterKeys.has(key))
      throw new ParameterError(
        `failed to strip CSI Parameters of prefixed keys: found unknown parameter key "${key}" with reserved namespace ${PARAMETER_PREFIX}`,
      );
  }
  return own;
}

/** The file system that a class wants; '' for the driver's choice. @throws ParameterError when it says so twice */
export function fsTypeOf(parameters: Parameters): string {
  const found = Object.keys(parameters).filter((key) => key === FS_TYPE || key.toLowerCase() === 'fstype');
  if (found.length > 1) throw new ParameterError(`fstype specified in parameters with both "fstype" and "${FS_TYPE}" keys`);
  return parameters[found[0] ?? ''] ?? '';
}
