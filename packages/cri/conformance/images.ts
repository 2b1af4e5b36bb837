import { all, must } from '@slipway/kernel';
import { busybox, containerConfig, criCase, forever, makeContainer, podConfig, runPod, type CriCase } from './subject.ts';

const other = 'registry.k8s.io/e2e-test-images/nginx:1.14-2';

/** Images: pull, names, removal, and what containers say of them. */
export const imageCases: readonly CriCase[] = [
  criCase(
    'pull-image.present',
    'pullImage: the image is there afterwards, with names and a size',
    'PullImage; critest Image Manager: public image with tag should be pulled and removed',
    function* ({ image }) {
      must((yield* image.imageStatus({ image: { image: busybox } })).image === undefined, 'it is not there before, which is no error');
      const { imageRef } = yield* image.pullImage({ image: { image: busybox } });
      const { image: found } = yield* image.imageStatus({ image: { image: busybox } });
      must(found !== undefined && found.size > 0, 'it is there and has a size');
      must(found.id === imageRef, 'the answer of the pull is its id');
      must(found.repoTags?.includes(busybox) ?? false, 'its tag is told');
      must(found.repoDigests?.every((digest) => /^[^@]+@sha256:[0-9a-f]{64}$/.test(digest)) ?? false, 'its digests are told');
      must(found.uid !== undefined || (found.username ?? '') !== '', 'it tells who it runs as');
      yield* image.removeImage({ image: { image: busybox } });
      must((yield* image.imageStatus({ image: { image: busybox } })).image === undefined, 'after removal it is not there');
      must(
        (yield* image.listImages({})).images.every(({ id }) => id !== imageRef),
        'and not listed',
      );
    },
  ),
  criCase(
    'pull-image.latest',
    'pullImage: no tag means latest',
    'ImageSpec; critest Image Manager: public image without tag',
    function* ({ image }) {
      yield* image.pullImage({ image: { image: 'registry.k8s.io/e2e-test-images/agnhost' } });
      const { image: found } = yield* image.imageStatus({ image: { image: 'registry.k8s.io/e2e-test-images/agnhost:latest' } });
      must(found?.repoTags?.includes('registry.k8s.io/e2e-test-images/agnhost:latest') ?? false, 'the tag is latest');
    },
  ),
  criCase('pull-image.repeat', 'pullImage: repeating answers the same', 'PullImage', function* ({ image }) {
    const first = yield* image.pullImage({ image: { image: busybox } });
    const second = yield* image.pullImage({ image: { image: busybox } });
    must(first.imageRef === second.imageRef, 'both answers are equal');
    must((yield* image.listImages({ filter: { image: { image: busybox } } })).images.length === 1, 'it is listed once');
  }),
  criCase(
    'pull-image.together',
    'pullImage: pulls of one image at the same time all succeed',
    'PullImage; critest Image Consistency',
    function* ({ image }) {
      const answers = yield* all([1, 2, 3].map(() => image.pullImage({ image: { image: busybox } })));
      must(new Set(answers.map(({ imageRef }) => imageRef)).size === 1, 'all answers are equal');
    },
  ),
  criCase(
    'pull-image.digest',
    'pullImage: by digest the image has that digest and no tag',
    'ImageSpec; critest Image Manager: public image with digest; invariant OCI-04',
    function* ({ image }) {
      yield* image.pullImage({ image: { image: busybox } });
      const digest = (yield* image.imageStatus({ image: { image: busybox } })).image?.repoDigests?.[0] ?? '';
      yield* image.removeImage({ image: { image: busybox } });
      yield* image.pullImage({ image: { image: digest } });
      const { image: found } = yield* image.imageStatus({ image: { image: digest } });
      must(found?.repoDigests?.includes(digest) ?? false, 'the digest is the one that was asked for');
      must((found?.repoTags ?? []).length === 0, 'it has no tag');
    },
  ),
  criCase(
    'image-status.references',
    'imageStatus: id, tag and digest all find it',
    'ImageStatus; critest Image Manager: image status should support all kinds of references',
    function* ({ image }) {
      const { imageRef } = yield* image.pullImage({ image: { image: busybox } });
      const { image: found } = yield* image.imageStatus({ image: { image: busybox } });
      for (const name of [imageRef, busybox, ...(found?.repoDigests ?? [])]) {
        must((yield* image.imageStatus({ image: { image: name } })).image?.id === imageRef, `${name} finds it`);
      }
    },
  ),
  criCase('list-images.filter', 'listImages: a filter selects one image', 'ImageFilter', function* ({ image }) {
    yield* image.pullImage({ image: { image: busybox } });
    yield* image.pullImage({ image: { image: other } });
    const { images } = yield* image.listImages({});
    for (const name of [busybox, other])
      must(
        images.some(({ repoTags }) => repoTags?.includes(name)),
        `${name} is listed`,
      );
    const selected = (yield* image.listImages({ filter: { image: { image: other } } })).images;
    must(selected.length === 1 && (selected[0]?.repoTags?.includes(other) ?? false), 'the filter selects one');
  }),
  criCase(
    'remove-image.unknown',
    'removeImage: an unknown image is no error, however often',
    'RemoveImage; critest Idempotence / RemoveImage',
    function* ({ image }) {
      yield* image.removeImage({ image: { image: busybox } });
      yield* image.pullImage({ image: { image: busybox } });
      yield* all([1, 2, 3].map(() => image.removeImage({ image: { image: busybox } })));
      yield* image.removeImage({ image: { image: busybox } });
    },
  ),
  criCase(
    'remove-image.all-names',
    'removeImage: by one name it goes with all of them',
    'RemoveImage; critest Image Manager: removing image by one tag should remove all tags',
    function* ({ image }) {
      const { imageRef } = yield* image.pullImage({ image: { image: busybox } });
      const digest = (yield* image.imageStatus({ image: { image: busybox } })).image?.repoDigests?.[0] ?? '';
      yield* image.pullImage({ image: { image: digest } });
      yield* image.removeImage({ image: { image: digest } });
      for (const name of [busybox, digest, imageRef])
        must((yield* image.imageStatus({ image: { image: name } })).image === undefined, `${name} finds nothing`);
    },
  ),
  criCase(
    'image-id.consistent',
    'image id: pull, status, list and container agree',
    'ContainerStatus.image_id; critest Image Identifier Consistency',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* makeContainer(cri, podSandboxId, config, containerConfig('main', forever));
      const { imageRef } = yield* cri.image.pullImage({ image: { image: busybox } });
      const listed = (yield* cri.runtime.listContainers({ filter: { id: containerId } })).containers[0];
      const { status } = yield* cri.runtime.containerStatus({ containerId });
      must(listed?.imageId === imageRef && status.imageId === imageRef, 'list and status have the id that the pull answered');
      must(
        (yield* cri.image.listImages({})).images.some(({ id }) => id === imageRef),
        'so has the list of images',
      );
    },
  ),
  criCase('image-fs-info.grows', 'imageFsInfo: it tells where images live, and a pull takes room', 'ImageFsInfo', function* ({ image }) {
    const used = function* () {
      const { imageFilesystems } = yield* image.imageFsInfo({});
      must((imageFilesystems[0]?.fsId?.mountpoint ?? '') !== '', 'the mount point is told');
      return imageFilesystems[0]?.usedBytes?.value ?? 0;
    };
    const before = yield* used();
    yield* image.pullImage({ image: { image: busybox } });
    const between = yield* used();
    must(between > before, 'a pull takes room');
    yield* image.removeImage({ image: { image: busybox } });
    must((yield* used()) === before, 'a removal gives it back');
  }),
];
