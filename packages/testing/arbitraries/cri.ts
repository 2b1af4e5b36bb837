import fc from 'fast-check';
import type { ContainerConfig, LinuxContainerResources, PodSandboxConfig } from '@slipway/cri';
import { arbitraryImage } from './images.ts';
import { arbitraryAnnotations, arbitraryLabelName, arbitraryLabels, arbitraryPath, arbitraryPort, arbitraryVariableName } from './names.ts';
import { objectOf } from './object-of.ts';

/** Limits of a container, in cgroup terms. */
export function arbitraryLinuxResources(): fc.Arbitrary<LinuxContainerResources> {
  return objectOf(
    {},
    {
      cpuPeriod: fc.constant(100_000),
      cpuQuota: fc.integer({ min: 1_000, max: 400_000 }),
      cpuShares: fc.integer({ min: 2, max: 4096 }),
      memoryLimitInBytes: fc.integer({ min: 4, max: 4096 }).map((mebibytes) => mebibytes * 2 ** 20),
      oomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
    },
  );
}

/** A sandbox's configuration, as a kubelet writes it. */
export function arbitraryPodSandboxConfig(): fc.Arbitrary<PodSandboxConfig> {
  const uid = fc.uuid();
  const metadata = objectOf({ name: arbitraryLabelName(20), namespace: arbitraryLabelName(20), uid }, { attempt: fc.nat({ max: 5 }) });
  const mapping = objectOf({ containerPort: arbitraryPort() }, { protocol: fc.constantFrom('TCP', 'UDP') });
  return objectOf(
    { metadata },
    {
      hostname: arbitraryLabelName(20),
      dnsConfig: objectOf({}, { servers: fc.constant(['10.96.0.10']), searches: fc.array(arbitraryLabelName(12), { maxLength: 3 }) }),
      portMappings: fc.uniqueArray(mapping, { selector: ({ containerPort }) => containerPort, maxLength: 2 }),
      labels: arbitraryLabels(),
      annotations: arbitraryAnnotations(),
      linux: objectOf({}, { resources: arbitraryLinuxResources() }),
    },
  ).map((config) => {
    const { namespace, name, uid: id } = config.metadata;
    return { ...config, logDirectory: `/var/log/pods/${namespace}_${name}_${id}` };
  });
}

/** A container's configuration. @param images those that the registry serves, say; left out: any name */
export function arbitraryContainerConfig(images: fc.Arbitrary<string> = arbitraryImage()): fc.Arbitrary<ContainerConfig> {
  const words = fc.array(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 });
  const variable = fc.tuple(arbitraryVariableName(), fc.uint8Array({ maxLength: 8 })).map(([key, value]) => ({ key, value }));
  return objectOf(
    {
      metadata: objectOf({ name: arbitraryLabelName(20) }, { attempt: fc.nat({ max: 5 }) }),
      image: images.map((image) => ({ image })),
    },
    {
      command: words,
      args: words,
      workingDir: arbitraryPath(),
      envs: fc.array(variable, { maxLength: 3 }),
      labels: arbitraryLabels(),
      annotations: arbitraryAnnotations(),
      tty: fc.boolean(),
      linux: objectOf({}, { resources: arbitraryLinuxResources() }),
    },
  ).map((config) => ({ ...config, logPath: `${config.metadata.name}/${config.metadata.attempt ?? 0}.log` }));
}
