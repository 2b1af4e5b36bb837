import { digestOf, encode } from '@slipway/oci';
import { pluginDirectory, volumeDevicesDirectory, volumeDirectory } from '../../runtime/pod-paths.ts';

// Names and places of CSI volumes. Source: `pkg/volume/csi/csi_attacher.go`, `csi_mounter.go`, `csi_block.go`, `csi_util.go`.

/** The plugin's name, and the folder that stands for it. */
export const csiPlugin = 'kubernetes.io/csi';

const sha256 = (text: string): string => digestOf(encode(text)).slice('sha256:'.length);

/** Name of the object that says whether the volume is attached to the node. */
export const attachmentName = (handle: string, driver: string, node: string): string => `csi-${sha256(`${handle}${driver}${node}`)}`;
/** Handle of a volume that a pod has inline. */
export const inlineHandle = (uid: string, volume: string): string => `csi-${sha256(`${uid}${volume}`)}`;

/** Folder of one driver's staged volumes. */
export const stagingRoot = (driver: string): string => `${pluginDirectory(csiPlugin)}/${driver}`;
/** Folder of what is kept of one staged volume. */
export const stagingFolder = (driver: string, handle: string): string => `${stagingRoot(driver)}/${sha256(handle)}`;
/** Where a volume is staged. */
export const stagingPath = (driver: string, handle: string): string => `${stagingFolder(driver, handle)}/globalmount`;

/** Folder of what is kept of a pod's volume. `name` is the persistent volume's, or the volume's own inline. */
export const targetFolder = (uid: string, name: string): string => volumeDirectory(uid, csiPlugin, name);
/** Where a pod's volume is published. */
export const targetPath = (uid: string, name: string): string => `${targetFolder(uid, name)}/mount`;

const blockRoot = `${pluginDirectory(csiPlugin)}/volumeDevices`;
export const blockFolder = (name: string): string => `${blockRoot}/${name}`;
export const blockDataFolder = (name: string): string => `${blockFolder(name)}/data`;
export const blockStagingPath = (name: string): string => `${blockRoot}/staging/${name}`;
export const blockPublishFolder = (name: string): string => `${blockRoot}/publish/${name}`;
export const blockPublishPath = (uid: string, name: string): string => `${blockPublishFolder(name)}/${uid}`;
/** The pod's own link to the device. */
export const blockMapPath = (uid: string, name: string): string =>
  `${volumeDevicesDirectory(uid)}/${csiPlugin.replaceAll('/', '~')}/${name}`;
