import { dns1123LabelProblems, dns1123SubdomainProblems } from '../names.ts';
import { isQuantity, parseQuantity } from '../quantity.ts';
import type { KeyToPath, Volume, VolumeProjection } from '../types/index.ts';
import { validateLocalPath } from './container.ts';
import { duplicateValue, type FieldError, forbiddenField, invalidValue, requiredValue } from './field-error.ts';

// Source: `pkg/apis/core/validation/validation.go` ValidateVolumes.

/** Checks the volumes of a pod and answers their names. */
export function validateVolumes(
  volumes: readonly Volume[],
  path: string,
): { readonly errors: readonly FieldError[]; readonly names: ReadonlySet<string> } {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, volume] of volumes.entries()) {
    const at = `${path}[${index}]`;
    errors.push(...validateSource(volume, at));
    if (volume.name === '') errors.push(requiredValue(`${at}.name`));
    else for (const problem of dns1123LabelProblems(volume.name)) errors.push(invalidValue(`${at}.name`, volume.name, problem));
    if (names.has(volume.name)) errors.push(duplicateValue(`${at}.name`, volume.name));
    names.add(volume.name);
  }
  return { errors, names };
}

function validateSource(volume: Volume, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const sources = Object.entries(volume).filter(([key, value]) => key !== 'name' && value !== undefined);
  if (sources.length === 0) errors.push(requiredValue(path, 'must specify a volume type'));
  for (const [name] of sources.slice(1)) errors.push(forbiddenField(`${path}.${name}`, 'may not specify more than 1 volume type'));
  const { emptyDir, hostPath, secret, configMap, projected, downwardAPI, persistentVolumeClaim, csi, ephemeral } = volume;
  if (emptyDir?.sizeLimit !== undefined && (!isQuantity(emptyDir.sizeLimit) || parseQuantity(emptyDir.sizeLimit).nano < 0n)) {
    errors.push(forbiddenField(`${path}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  }
  if (hostPath !== undefined) {
    if (hostPath.path === '') errors.push(requiredValue(`${path}.hostPath.path`));
    else if (hostPath.path.split('/').includes('..')) {
      errors.push(invalidValue(`${path}.hostPath.path`, hostPath.path, "must not contain '..'"));
    }
  }
  if (secret !== undefined) {
    if ((secret.secretName ?? '') === '') errors.push(requiredValue(`${path}.secret.secretName`));
    errors.push(...validateFiles(secret.items, secret.defaultMode, `${path}.secret`));
  }
  if (configMap !== undefined) {
    if (configMap.name === '') errors.push(requiredValue(`${path}.configMap.name`));
    errors.push(...validateFiles(configMap.items, configMap.defaultMode, `${path}.configMap`));
  }
  if (downwardAPI !== undefined) errors.push(...validateMode(downwardAPI.defaultMode, `${path}.downwardAPI.defaultMode`));
  if (projected !== undefined) {
    errors.push(...validateMode(projected.defaultMode, `${path}.projected.defaultMode`));
    for (const [index, source] of (projected.sources ?? []).entries()) {
      errors.push(...validateProjection(source, `${path}.projected.sources[${index}]`));
    }
  }
  if (persistentVolumeClaim?.claimName === '') errors.push(requiredValue(`${path}.persistentVolumeClaim.claimName`));
  if (csi !== undefined) errors.push(...validateDriverName(csi.driver, `${path}.csi.driver`));
  if (ephemeral !== undefined && ephemeral.volumeClaimTemplate === undefined) {
    errors.push(requiredValue(`${path}.ephemeral.volumeClaimTemplate`));
  }
  return errors;
}

/** The name of a CSI driver: at most 63, letters of either case. */
export function validateDriverName(driver: string, path: string): readonly FieldError[] {
  if (driver === '') return [requiredValue(path)];
  if (driver.length > 63) return [{ field: path, kind: 'Too long', detail: 'may not be more than 63 bytes' }];
  return dns1123SubdomainProblems(driver.toLowerCase()).map((problem) => invalidValue(path, driver, problem));
}

function validateProjection(source: VolumeProjection, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const given = Object.entries(source).filter(([, value]) => value !== undefined);
  for (const [name] of given.slice(1)) errors.push(forbiddenField(`${path}.${name}`, 'may not specify more than 1 volume type per source'));
  if (given.length === 0) errors.push(requiredValue(path, 'must specify a volume source'));
  if (source.secret !== undefined) {
    if (source.secret.name === '') errors.push(requiredValue(`${path}.secret.name`));
    errors.push(...validateFiles(source.secret.items, undefined, `${path}.secret`));
  }
  if (source.configMap !== undefined) {
    if (source.configMap.name === '') errors.push(requiredValue(`${path}.configMap.name`));
    errors.push(...validateFiles(source.configMap.items, undefined, `${path}.configMap`));
  }
  const token = source.serviceAccountToken;
  if (token !== undefined) {
    if (token.path === '') errors.push(requiredValue(`${path}.serviceAccountToken.path`));
    if ((token.expirationSeconds ?? 3600) < 600) {
      const at = `${path}.serviceAccountToken.expirationSeconds`;
      errors.push(invalidValue(at, token.expirationSeconds, 'may not specify a duration less than 10 minutes'));
    }
  }
  return errors;
}

function validateFiles(items: readonly KeyToPath[] | undefined, defaultMode: number | undefined, path: string): readonly FieldError[] {
  const errors: FieldError[] = [...validateMode(defaultMode, `${path}.defaultMode`)];
  for (const [index, item] of (items ?? []).entries()) {
    const at = `${path}.items[${index}]`;
    if (item.key === '') errors.push(requiredValue(`${at}.key`));
    if (item.path === '') errors.push(requiredValue(`${at}.path`));
    else errors.push(...validateLocalPath(item.path, `${at}.path`));
    errors.push(...validateMode(item.mode, `${at}.mode`));
  }
  return errors;
}

function validateMode(mode: number | undefined, path: string): readonly FieldError[] {
  return mode === undefined || (mode >= 0 && mode <= 0o777)
    ? []
    : [invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}
