import { CallError } from '@slipway/kernel';

/** POSIX error numbers by name, with the words that Linux (and Go's net package for time-outs) prints for them. */
const TEXTS = {
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EBUSY: 'device or resource busy',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EEXIST: 'file exists',
  EHOSTDOWN: 'host is down',
  EHOSTUNREACH: 'no route to host',
  EINVAL: 'invalid argument',
  EIO: 'input/output error',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  ENETUNREACH: 'network is unreachable',
  ENODEV: 'no such device',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  EROFS: 'read-only file system',
  ESRCH: 'no such process',
  ETIMEDOUT: 'i/o timeout',
  EXDEV: 'invalid cross-device link',
} as const;

/** A POSIX error name that a host can answer with. */
export type HostErrorCode = keyof typeof TEXTS;

/** What a machine refuses, in POSIX codes; callers branch on `code`. The message reads `operation subject: words`. */
export class HostError extends CallError {
  override readonly name = 'HostError';
  declare readonly code: HostErrorCode;
  override readonly isForeign = true;

  /** @param what the operation and its subject, such as `open /etc/hosts` */
  constructor(code: HostErrorCode, what: string) {
    super(code, `${what}: ${TEXTS[code]}`);
  }
}
