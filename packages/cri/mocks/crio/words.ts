import { CriError } from '../../errors.ts';
import type { PullFailure, Words } from '../runtime-core/flavour.ts';

// CRI-O's own words, which events and conditions show. Source: CRI-O, server/*.go, internal/lib; containers/image docker transport.

/** A Go error without a status becomes UNKNOWN. */
const unknown = (message: string): CriError => new CriError('UNKNOWN', message);

export const crioWords: Words = {
  unknownHandler: (handler, known) => unknown(`failed to find runtime handler ${handler} from runtime list map[${known.join(' ')}]`),
  sandboxNameTaken: (name, id) => unknown(`error reserving pod name ${name} for id ${id}: name is reserved`),
  containerNameTaken: (name, id) => unknown(`error reserving ctr name ${name} for id ${id}: name is reserved`),
  networkSetUp: (id, name, metadata, network, detail) =>
    unknown(
      `failed to create pod network sandbox ${name}(${id}): error adding pod ${metadata.namespace}_${metadata.name} to CNI network "${network}": ${detail}`,
    ),
  networkTearDown: (id, name, metadata, network, detail) =>
    unknown(
      `failed to destroy network for pod sandbox ${name}(${id}): error removing pod ${metadata.namespace}_${metadata.name} from CNI network "${network}": ${detail}`,
    ),
  noPodAddress: (id, name) => unknown(`failed to get network JSON for pod sandbox ${name}(${id}): no IP address in the result`),
  sandboxImage: (_id, image, detail) => unknown(`creating pod sandbox: pulling pause image "${image}": ${detail}`),
  sandboxStart: (_id, detail) => unknown(`container create failed: ${detail}`),
  noSandboxForContainer: (id) =>
    new CriError('NOT_FOUND', `specified sandbox not found: ${id}: PodSandbox with ID starting with ${id} not found: ID does not exist`),
  sandboxNotReady: (id) => unknown(`CreateContainer failed as the sandbox was stopped: ${id}`),
  noSandbox: (id) =>
    new CriError('NOT_FOUND', `could not find pod "${id}": PodSandbox with ID starting with ${id} not found: ID does not exist`),
  noContainer: (id) =>
    new CriError('NOT_FOUND', `could not find container "${id}": container with ID starting with ${id} not found: ID does not exist`),
  imageNotPresent: (image) => unknown(`locating image "${image}": image not known`),
  ociCreate: (_id, detail) => unknown(`container create failed: ${detail}`),
  ociStart: (id, detail) => unknown(`failed to start container "${id}": ${detail}`),
  notCreated: (id, state) => unknown(`container ${id} is not in created state: ${state}`),
  notRunning: (_id, state) => unknown(`container is not created or running: ${state}`),
  execFailed: (_id, detail) => unknown(`command error: ${detail}, exit code -1`),
  execTimedOut: (command) => new CriError('DEADLINE_EXCEEDED', `command '${command.join(' ')}' timed out`),
  pull,
  imageInUse: (image, containerId) => unknown(`image "${image}" is in use by container ${containerId}: image is in use by a container`),
  networkNotReady: (detail) =>
    detail === 'cni plugin not initialized'
      ? 'Network plugin returns error: No CNI configuration file in /etc/cni/net.d/. Has your network provider started?'
      : `Network plugin returns error: ${detail}`,
};

function pull({ full, repository, registry, tagOrDigest, cause, detail }: PullFailure): CriError {
  const opening = `initializing source docker://${full}`;
  switch (cause) {
    case 'notFound':
      return unknown(`${opening}: reading manifest ${tagOrDigest} in ${repository}: manifest unknown`);
    case 'denied':
      return unknown(`${opening}: reading manifest ${tagOrDigest} in ${repository}: unauthorized: authentication required`);
    case 'unreachable':
      return unknown(`${opening}: pinging container registry ${registry}: Get "https://${registry}/v2/": ${detail}`);
    case 'noPlatform':
      return unknown(
        `choosing an image from manifest list docker://${full}: no image found in image index for architecture "amd64", variant "", OS "linux"`,
      );
    case 'corrupt':
    case 'noSpace':
      return unknown(`writing blob: ${detail}`);
    case 'other':
      return unknown(`${opening}: ${detail}`);
  }
}
