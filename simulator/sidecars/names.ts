/** A driver's name as part of a finalizer. Source: external-attacher `pkg/controller/util.go`, SanitizeDriverName. */
export function sanitizedName(driver: string): string {
  const name = driver.replace(/[^a-zA-Z0-9-]/g, '-');
  return name.endsWith('-') ? `${name}X` : name;
}

/** The attacher's finalizer on VolumeAttachments, and on volumes that are or may be attached. */
export const attacherFinalizer = (driver: string): string => `external-attacher/${sanitizedName(driver)}`;
