import { CriError } from '../../errors.ts';
import type { PullFailure, Words } from '../runtime-core/flavour.ts';

// containerd's own words, which events and conditions show. Source: containerd, internal/cri/server/*.go and core/remotes/docker.

/** A Go error without a status becomes UNKNOWN. */
const unknown = (message: string): CriError => new CriError('UNKNOWN', message);

export const containerdWords: Words = {
  unknownHandler: (handler) => unknown(`failed to get sandbox runtime: no runtime for "${handler}" is configured`),
  sandboxNameTaken: (name, _id, holder) => unknown(`failed to reserve sandbox name "${name}": name "${name}" is reserved for "${holder}"`),
  containerNameTaken: (name, _id, holder) =>
    unknown(`failed to reserve container name "${name}": name "${name}" is reserved for "${holder}"`),
  networkSetUp: (id, _name, _metadata, _network, detail) => unknown(`failed to setup network for sandbox "${id}": ${detail}`),
  networkTearDown: (id, _name, _metadata, _network, detail) => unknown(`failed to destroy network for sandbox "${id}": ${detail}`),
  noPodAddress: (id) => unknown(`failed to setup network for sandbox "${id}": failed to find network info for sandbox "${id}"`),
  sandboxImage: (id, image, detail) =>
    unknown(`failed to start sandbox "${id}": failed to get sandbox image "${image}": failed to pull image "${image}": ${detail}`),
  sandboxStart: (id, detail) =>
    unknown(
      `failed to start sandbox "${id}": failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ${detail}: unknown`,
    ),
  noSandboxForContainer: (id) => new CriError('NOT_FOUND', `failed to find sandbox id "${id}": not found`),
  sandboxNotReady: (id) => unknown(`sandbox container "${id}" is not running`),
  noSandbox: () => new CriError('NOT_FOUND', 'an error occurred when try to find sandbox: not found'),
  noContainer: (id) => new CriError('NOT_FOUND', `an error occurred when try to find container "${id}": not found`),
  imageNotPresent: (image) => new CriError('NOT_FOUND', `failed to resolve image "${image}": not found`),
  ociCreate: (_id, detail) =>
    unknown(
      `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ${detail}: unknown`,
    ),
  ociStart: (id, detail) => unknown(`failed to start containerd task "${id}": OCI runtime start failed: ${detail}: unknown`),
  notCreated: (id, state) => unknown(`failed to set starting state for container "${id}": container is in ${state} state`),
  notRunning: (_id, state) => unknown(`container is in ${state} state`),
  execFailed: (_id, detail) => unknown(`failed to exec in container: failed to start exec: OCI runtime exec failed: ${detail}: unknown`),
  execTimedOut: (_command, seconds) =>
    new CriError('DEADLINE_EXCEEDED', `failed to exec in container: timeout ${seconds}s exceeded: context deadline exceeded`),
  pull,
  imageInUse: (image, containerId) => unknown(`image "${image}" is used by container "${containerId}"`),
  networkNotReady: (detail) => `Network plugin returns error: ${detail}`,
};

function pull({ full, registry, cause, detail }: PullFailure): CriError {
  const pulling = `failed to pull and unpack image "${full}"`;
  const resolving = `${pulling}: failed to resolve reference "${full}"`;
  switch (cause) {
    case 'notFound':
      return new CriError('NOT_FOUND', `${resolving}: ${full}: not found`);
    case 'denied':
      return unknown(
        `${resolving}: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`,
      );
    case 'unreachable':
      return unknown(`${resolving}: failed to do request: Head "https://${registry}/v2/": ${detail}`);
    case 'noPlatform':
      return new CriError('NOT_FOUND', `${pulling}: ${detail}: not found`);
    case 'corrupt':
    case 'noSpace':
      return unknown(`${pulling}: failed to copy: ${detail}`);
    case 'other':
      return unknown(`${resolving}: ${detail}`);
  }
}
