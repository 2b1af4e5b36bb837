import { all, codeOf, messageOf, type Process } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { containerConfig, forever, podConfig, runContainer, runPod } from '../../../conformance/subject.ts';
import { TestNode } from '../../../testing/node.ts';
import { containerd, crio } from '../../index.ts';

function failure(node: TestNode, call: Process<unknown>): { readonly code: string; readonly message: string } {
  try {
    node.run(call);
  } catch (error) {
    return { code: codeOf(error), message: messageOf(error) };
  }
  throw new Error('the call succeeded');
}

/** Requests to the registry, by method. */
function registryCalls(node: TestNode): string[] {
  const calls: string[] = [];
  node.kernel.events.on('trace', ({ kind, name }) => {
    if (kind === 'call' && name.startsWith('oci.Distribution/')) calls.push(name.slice(name.indexOf('/') + 1));
  });
  return calls;
}

const nginx = 'docker.io/library/nginx:1.25';

describe.each([containerd, crio])('$name: images', (plugin) => {
  it('pulls of one image at the same time are one pull', () => {
    const [single, triple] = [1, 3].map((count) => {
      const node = new TestNode(plugin);
      const calls = registryCalls(node);
      node.run(all(Array.from({ length: count }, () => node.image.pullImage({ image: { image: nginx } }))));
      return calls;
    });
    expect(single?.length).toBeGreaterThan(2);
    expect(triple).toEqual(single);
  });

  it('layers that are there are not fetched again, and take room once', () => {
    const node = new TestNode(plugin);
    node.run(node.image.pullImage({ image: { image: nginx } }));
    const used = node.run(node.image.imageFsInfo({})).imageFilesystems[0]?.usedBytes?.value;
    const { image } = node.run(node.image.imageStatus({ image: { image: nginx } }));
    const calls = registryCalls(node);
    node.run(node.image.pullImage({ image: { image: image?.repoDigests?.[0] ?? '' } }));
    // Manifests and configuration only.
    expect(calls.filter((call) => call === 'GetBlob')).toHaveLength(1);
    expect(node.run(node.image.imageFsInfo({})).imageFilesystems[0]?.usedBytes?.value).toBe(used);
  });

  it('a pull takes as long as its layers need on the wire', () => {
    const took = [10_000_000, 100_000_000].map((pullBytesPerSecond) => {
      const node = new TestNode(plugin, { with: { pullBytesPerSecond } });
      node.run(node.image.pullImage({ image: { image: nginx } }));
      return node.kernel.now;
    });
    expect((took[0] ?? 0) / (took[1] ?? 1)).toBeGreaterThan(5);
  });

  it('an account is asked for where the registry wants one', () => {
    const account = { scope: 'ghcr.io/acme', username: 'me', password: 'secret' };
    const node = new TestNode(plugin, { registry: { accounts: [account] } });
    const image = { image: 'ghcr.io/acme/app:1' };
    expect(failure(node, node.image.pullImage({ image })).message).toMatch(/pull access denied|unauthorized/);
    expect(failure(node, node.image.pullImage({ image, auth: { username: 'me', password: 'wrong' } })).code).toBe('UNKNOWN');
    node.run(node.image.pullImage({ image, auth: { auth: 'bWU6c2VjcmV0' } }));
    expect(node.run(node.image.imageStatus({ image })).image).toBeDefined();
  });

  it('after a reboot the images are there', () => {
    const node = new TestNode(plugin);
    node.run(node.image.pullImage({ image: { image: nginx } }));
    const before = node.run(node.image.listImages({})).images;
    const usage = node.run(node.image.imageFsInfo({})).imageFilesystems[0]?.usedBytes;
    node.reboot();
    expect(node.run(node.image.listImages({})).images).toEqual(before);
    expect(node.run(node.image.imageFsInfo({})).imageFilesystems[0]?.usedBytes).toEqual(usage);
  });

  it('the sandbox image is pinned', () => {
    const node = new TestNode(plugin);
    node.run(node.runtime.runPodSandbox({ config: podConfig('web') }));
    expect(node.run(node.image.listImages({})).images).toMatchObject([{ pinned: true, repoTags: ['registry.k8s.io/pause:3.10'] }]);
  });
});

describe('messages', () => {
  it('containerd: an image that does not exist is NOT_FOUND, by its full name', () => {
    const node = new TestNode(containerd, { registry: { missing: ['nginx:9.99'] } });
    expect(failure(node, node.image.pullImage({ image: { image: 'nginx:9.99' } }))).toEqual({
      code: 'NOT_FOUND',
      message:
        'failed to pull and unpack image "docker.io/library/nginx:9.99": failed to resolve reference "docker.io/library/nginx:9.99": docker.io/library/nginx:9.99: not found',
    });
  });

  it('CRI-O: an image that does not exist', () => {
    const node = new TestNode(crio, { registry: { missing: ['nginx:9.99'] } });
    expect(failure(node, node.image.pullImage({ image: { image: 'docker.io/library/nginx:9.99' } }))).toEqual({
      code: 'UNKNOWN',
      message:
        'initializing source docker://docker.io/library/nginx:9.99: reading manifest 9.99 in docker.io/library/nginx: manifest unknown',
    });
  });
});

describe('difference', () => {
  it('short names: Docker Hub in containerd, refused in CRI-O when no registry is configured, or several', () => {
    const short = { image: { image: 'nginx:1.25' } };
    const docker = new TestNode(containerd);
    docker.run(docker.image.pullImage(short));
    expect(docker.run(docker.image.imageStatus(short)).image?.repoTags).toEqual([nginx]);
    const strict = new TestNode(crio, { with: { unqualifiedSearchRegistries: [] } });
    for (const call of [() => strict.image.pullImage(short), () => strict.image.imageStatus(short)]) {
      expect(failure(strict, call()).message).toBe(
        'short-name "nginx:1.25" did not resolve to an alias and no unqualified-search registries are defined in "/etc/containers/registries.conf"',
      );
    }
    const ambiguous = new TestNode(crio, { with: { unqualifiedSearchRegistries: ['docker.io', 'quay.io'] } });
    expect(failure(ambiguous, ambiguous.image.pullImage(short)).message).toBe(
      'short name mode is enforcing, but image name nginx:1.25 returns ambiguous list',
    );
    for (const options of [
      { unqualifiedSearchRegistries: ['docker.io'] },
      { unqualifiedSearchRegistries: ['docker.io', 'quay.io'], shortNameMode: 'disabled' },
    ]) {
      const lenient = new TestNode(crio, { with: options });
      lenient.run(lenient.image.pullImage(short));
      expect(lenient.run(lenient.image.imageStatus(short)).image?.repoTags).toEqual([nginx]);
    }
  });

  it('an image in use: containerd removes it, CRI-O refuses', () => {
    const outcomes = [containerd, crio].map((plugin) => {
      const node = new TestNode(plugin);
      const pod = podConfig('web');
      const config = containerConfig('main', forever);
      node.run(runContainer(node, node.run(runPod(node, pod)), pod, config));
      try {
        node.run(node.image.removeImage({ image: config.image }));
        return 'removed';
      } catch (error) {
        return messageOf(error).split(': ').at(-1);
      }
    });
    expect(outcomes).toEqual(['removed', 'image is in use by a container']);
  });

  it('image ids: with algorithm in containerd, bare in CRI-O', () => {
    const ids = [containerd, crio].map((plugin) => {
      const node = new TestNode(plugin);
      return node.run(node.image.pullImage({ image: { image: nginx } })).imageRef;
    });
    expect(ids[0]).toBe(`sha256:${ids[1]}`);
  });
});
