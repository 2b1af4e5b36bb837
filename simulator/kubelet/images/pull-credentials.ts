import type { AuthConfig } from '@slipway/cri';
import { decodeUtf8 } from '@slipway/host';
import type { Secret } from '@slipway/kube';
import { decodeBase64 } from '@slipway/host';

/** One way to sign in. */
export interface PullCredential {
  readonly auth: AuthConfig;
  /** Tells credentials apart; the same ones in another secret are the same. */
  readonly source: string;
}

/** The part of an image name that says where it is kept; Docker Hub when it has none. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  return isHost ? first : 'docker.io';
}

/** Old addresses of Docker Hub under which people keep credentials. */
const hub: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/**
 * Credentials in a pod's secrets that fit an image's registry, the longest match first.
 *
 * Source: `pkg/credentialprovider/secrets/secrets.go`, `pkg/credentialprovider/keyring.go`.
 */
export function credentialsFor(image: string, secrets: readonly Secret[]): readonly PullCredential[] {
  const registry = registryOf(image);
  const name = image.startsWith(`${registry}/`) ? image : `${registry}/${image}`;
  const found: { readonly length: number; readonly credential: PullCredential }[] = [];
  for (const secret of secrets) {
    for (const [address, entry] of Object.entries(registriesIn(secret))) {
      const place = address.replace(/^https?:\/\//, '').replace(/\/(v1|v2)?\/?$/, '');
      const fits = hub.has(place) ? name.startsWith('docker.io/') : name === place || name.startsWith(`${place}/`);
      if (!fits) continue;
      const auth = authOf(entry, place);
      found.push({ length: place.length, credential: { auth, source: `${auth.username ?? ''}:${auth.password ?? ''}@${place}` } });
    }
  }
  return found.sort((a, b) => b.length - a.length).map(({ credential }) => credential);
}

interface RegistryEntry {
  readonly username?: string;
  readonly password?: string;
  readonly auth?: string;
}

function registriesIn({ type, data = {} }: Secret): Readonly<Record<string, RegistryEntry>> {
  const text = type === 'kubernetes.io/dockercfg' ? data['.dockercfg'] : data['.dockerconfigjson'];
  if (text === undefined) return {};
  try {
    const parsed = JSON.parse(decodeUtf8(decodeBase64(text))) as Record<string, unknown>;
    return ('auths' in parsed ? parsed.auths : parsed) as Readonly<Record<string, RegistryEntry>>;
  } catch {
    // A secret that is no configuration helps nobody, and harms nobody either.
    return {};
  }
}

function authOf({ username, password, auth }: RegistryEntry, serverAddress: string): AuthConfig {
  const [user, ...rest] = auth === undefined ? [] : decodeUtf8(decodeBase64(auth)).split(':');
  const name = username ?? user;
  const secret = password ?? (auth === undefined ? undefined : rest.join(':'));
  return { serverAddress, ...(name === undefined ? {} : { username: name }), ...(secret === undefined ? {} : { password: secret }) };
}
