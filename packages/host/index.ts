export { decodeBase64, encodeBase64 } from './base64.ts';
export { ContainerFiles, type ContainerRoot, type ProcessMount } from './container-files.ts';
export { Devices, type Plug } from './devices.ts';
export { Disk, type DiskOptions } from './disk.ts';
export { HostError, type HostErrorCode } from './errors.ts';
export { FileSystem, type FileStatus, type WriteOptions } from './file-system.ts';
export { Host, type HostOptions } from './host.ts';
export { Interface, type InterfaceKind, type InterfaceOptions } from './interface.ts';
export * from './ip.ts';
export { MountTable, type Mount, type MountOptions } from './mounts.ts';
export { NetworkNamespace } from './namespace.ts';
export { HostNetwork } from './network.ts';
export { folderOf, isWithin, joinPath, nameOf, normalPath } from './path.ts';
export { HostProcess, IMAGE_ANNOTATION, ONE_SHOT_ANNOTATION, type ProcessSpec } from './process.ts';
export { ProcessTable } from './process-table.ts';
export {
  SIGNAL_NUMBERS,
  signalOf,
  type ExecResult,
  type Program,
  type ProgramContext,
  type ProgramResolver,
  type ResourceUse,
  type SignalName,
} from './program.ts';
export { RouteTable, type Route } from './routes.ts';
export {
  dialing,
  transportOf,
  type HttpReply,
  type HttpRequest,
  type NetworkRequest,
  type Reply,
  type Socket,
  type SocketHandler,
  type Transport,
} from './sockets.ts';
export { byteLength, decodeUtf8, encodeUtf8 } from './utf8.ts';
