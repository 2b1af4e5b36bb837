import { CriError } from '../../errors.ts';

/**
 * The name with a registry. A name without one is looked for in the configured registries; what it could mean is then decided by the
 * mode. Messages: containers/image pkg/shortnames; CRI-O 1.34, internal/storage (CRI-O refuses ambiguous names since cri-o/cri-o#9401).
 *
 * @throws CriError UNKNOWN when nothing is configured, or when several registries are and the mode is enforcing
 */
export function resolveShortName(name: string, mode: 'enforcing' | 'disabled', registries: readonly string[]): string {
  if (hasRegistry(name)) return name;
  const [first, ...others] = registries;
  const tagged = name.includes('@') || name.lastIndexOf(':') > name.lastIndexOf('/') ? name : `${name}:latest`;
  if (first === undefined) {
    const message = `short-name "${tagged}" did not resolve to an alias and no unqualified-search registries are defined in "/etc/containers/registries.conf"`;
    throw new CriError('UNKNOWN', message);
  }
  if (others.length > 0 && mode === 'enforcing')
    throw new CriError('UNKNOWN', `short name mode is enforcing, but image name ${tagged} returns ambiguous list`);
  return `${first}/${name}`;
}

function hasRegistry(name: string): boolean {
  const slash = name.indexOf('/');
  const host = slash < 0 ? '' : name.slice(0, slash);
  return host === 'localhost' || /[.:]/.test(host);
}
