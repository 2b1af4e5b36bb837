import { must } from '@slipway/kernel';
import { type CloudBench, cloudCase } from './subject.ts';

const source = 'CloudApi, file systems; Amazon EFS User Guide, "Working with Amazon EFS access points"';

async function newFileSystem(bench: CloudBench) {
  const { fileSystem } = await bench.settle(bench.cloud.createFileSystem({ creationToken: bench.token() }));
  await bench.until(
    'the file system is available',
    () => bench.cloud.describeFileSystems({ fileSystemIds: [fileSystem.fileSystemId] }),
    ({ fileSystems }) => fileSystems[0]?.state === 'available',
  );
  return fileSystem;
}

/** What a cloud does with shared file systems. */
export const fileSystemCases = [
  cloudCase('file-systems.shared', 'file systems: every machine mounts the same files, and power takes none', source, async (bench) => {
    const { dnsName } = await newFileSystem(bench);
    const { here, beside } = await bench.places();
    const [one, other] = [here, beside].map(({ name }) => bench.subject.dataCentre.machines.get(name)?.host);
    must(one !== undefined && other !== undefined, 'there are two machines');
    for (const { files, mounts } of [one, other]) {
      files.makeDirectory('/mnt/shared', { recursive: true });
      mounts.mount(`${dnsName}:/`, '/mnt/shared', { type: 'nfs4' });
    }
    one.files.write('/mnt/shared/file', 'kept');
    must(other.files.readText('/mnt/shared/file') === 'kept', 'the other machine reads it');
    one.powerOff();
    must(other.files.readText('/mnt/shared/file') === 'kept', 'also when the writer has lost power');
  }),
  cloudCase('file-systems.create', 'createFileSystem: makes one, however often the same order comes', source, async (bench) => {
    const order = { creationToken: bench.token(), tags: { for: 'test' } };
    const { fileSystem } = await bench.settle(bench.cloud.createFileSystem(order));
    const { fileSystemId } = fileSystem;
    must(
      (await bench.settle(bench.cloud.createFileSystem(order))).fileSystem.fileSystemId === fileSystemId,
      'the same order has the same one',
    );
    const found = await bench.settle(bench.cloud.describeFileSystems({ creationToken: order.creationToken }));
    must(found.fileSystems.length === 1 && found.fileSystems[0]?.fileSystemId === fileSystemId, 'its token finds it');
    await bench.settle(bench.cloud.deleteFileSystem({ fileSystemId }));
    await bench.refused(bench.cloud.deleteFileSystem({ fileSystemId }), 'FileSystemNotFound', 'deleting it again');
    await bench.refused(
      bench.cloud.createAccessPoint({ clientToken: bench.token(), fileSystemId, rootDirectory: '/a' }),
      'FileSystemNotFound',
      'a door to a file system that is gone',
    );
  }),
  cloudCase('access-points', 'createAccessPoint: a door to a folder; what is behind it outlives it', source, async (bench) => {
    const { fileSystemId, dnsName } = await newFileSystem(bench);
    const order = { clientToken: bench.token(), fileSystemId, rootDirectory: '/claims/one' };
    const { accessPoint } = await bench.settle(bench.cloud.createAccessPoint(order));
    const { accessPointId } = accessPoint;
    must(
      (await bench.settle(bench.cloud.createAccessPoint(order))).accessPoint.accessPointId === accessPointId,
      'the same order has the same door',
    );
    await bench.refused(
      bench.cloud.createAccessPoint({ ...order, rootDirectory: '/claims/two' }),
      'IdempotentParameterMismatch',
      'its token with another order',
    );
    await bench.until(
      'the door is open',
      () => bench.cloud.describeAccessPoints({ accessPointIds: [accessPointId] }),
      ({ accessPoints }) => accessPoints[0]?.state === 'available',
    );
    const server = bench.subject.dataCentre.fileServers.get(dnsName);
    must(server?.exists('/claims/one') === true, 'the folder is there');
    server.write('/claims/one/file', 'kept');
    await bench.refused(bench.cloud.deleteFileSystem({ fileSystemId }), 'FileSystemInUse', 'deleting a file system that has doors');
    await bench.settle(bench.cloud.deleteAccessPoint({ accessPointId }));
    await bench.refused(bench.cloud.deleteAccessPoint({ accessPointId }), 'AccessPointNotFound', 'deleting it again');
    must(server.readText('/claims/one/file') === 'kept', 'what was behind it is there');
    const { accessPoints } = await bench.settle(bench.cloud.describeAccessPoints({ fileSystemId }));
    must(accessPoints.length === 0, 'the file system has no doors');
    await bench.settle(bench.cloud.deleteFileSystem({ fileSystemId }));
    must(!bench.subject.dataCentre.fileServers.has(dnsName), 'nobody mounts it any more');
  }),
];
