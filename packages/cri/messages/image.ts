// Images on the node.

import type { PodSandboxConfig } from './sandbox.ts';
import type { Int64Value, UInt64Value } from './security.ts';

/** An image by name. */
export interface ImageSpec {
  /** A name with tag or digest as a user writes it, or an image id; not empty. */
  readonly image: string;
  /** Hints for the runtime. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The name in the pod, where `image` has been resolved to an id. */
  readonly userSpecifiedImage?: string;
  /** Handler that will run it, for runtimes that pull per handler. */
  readonly runtimeHandler?: string;
  /** Resolved reference of the image, for an image volume that a container mounts. */
  readonly imageRef?: string;
}

/** One image on the node. */
export interface Image {
  /** Digest of its configuration, normally `sha256:` and 64 hex digits. */
  readonly id: string;
  /** Names with tag. */
  readonly repoTags: readonly string[];
  /** Names with digest. */
  readonly repoDigests: readonly string[];
  /** Bytes on disk; above 0. */
  readonly size: number;
  /** User id that it runs as, when its configuration names a number. */
  readonly uid?: Int64Value;
  /** User name that it runs as, when its configuration names no number. */
  readonly username?: string;
  /** How it was asked for. */
  readonly spec?: ImageSpec;
  /** Must not be collected. */
  readonly pinned?: boolean;
}

/** Which images. */
export interface ImageFilter {
  /** The image of this name. */
  readonly image?: ImageSpec;
}

/** Asks for images. */
export interface ListImagesRequest {
  /** Which; left out: all. */
  readonly filter?: ImageFilter;
}

/** The images that match. */
export interface ListImagesResponse {
  /** The images. */
  readonly images: readonly Image[];
}

/** As `ListImagesRequest`, answered in batches. */
export interface StreamImagesRequest {
  /** Which; left out: all. */
  readonly filter?: ImageFilter;
}

/** One batch of images. */
export interface StreamImagesResponse {
  /** At least one image. */
  readonly images: readonly Image[];
}

/** Asks for one image. */
export interface ImageStatusRequest {
  /** The image. */
  readonly image: ImageSpec;
  /** Also fill `info`. */
  readonly verbose?: boolean;
}

/** The image, if it is there. */
export interface ImageStatusResponse {
  /** Left out when the node does not have it. */
  readonly image?: Image;
  /** Extra information, only when verbose; values are JSON. */
  readonly info?: Readonly<Record<string, string>>;
}

/** Who pulls. */
export interface AuthConfig {
  /** User name. */
  readonly username?: string;
  /** Password. */
  readonly password?: string;
  /** Base64 of `username:password`. */
  readonly auth?: string;
  /** Registry that it is for. */
  readonly serverAddress?: string;
  /** Token that is traded for an access token. */
  readonly identityToken?: string;
  /** Bearer token sent as it is. */
  readonly registryToken?: string;
}

/** Asks to fetch an image. */
export interface PullImageRequest {
  /** The image. */
  readonly image: ImageSpec;
  /** Credentials; left out: none. */
  readonly auth?: AuthConfig;
  /** Pod that it is for. */
  readonly sandboxConfig?: PodSandboxConfig;
}

/** The image that is now there. */
export interface PullImageResponse {
  /** Its id or digest, which `imageStatus` and `createContainer` accept. */
  readonly imageRef: string;
}

/** Asks to remove an image under all its names. */
export interface RemoveImageRequest {
  /** The image; an unknown one is no error. */
  readonly image: ImageSpec;
}

/** Nothing to say. */
export type RemoveImageResponse = Readonly<Record<never, never>>;

/** Asks where images live and how much they take. */
export type ImageFsInfoRequest = Readonly<Record<never, never>>;

/** A file system by where it is mounted. */
export interface FilesystemIdentifier {
  /** Absolute path. */
  readonly mountpoint: string;
}

/** How full something on a file system is. */
export interface FilesystemUsage {
  /** When it was measured, nanoseconds since the epoch. */
  readonly timestamp: bigint;
  /** The file system. */
  readonly fsId?: FilesystemIdentifier;
  /** Bytes in use; may be less than what the device reports. */
  readonly usedBytes?: UInt64Value;
  /** Inodes in use. */
  readonly inodesUsed?: UInt64Value;
}

/** Usage of image storage. */
export interface ImageFsInfoResponse {
  /** Where image layers live. */
  readonly imageFilesystems: readonly FilesystemUsage[];
  /** Where writable layers live; equal to the above unless they are split. */
  readonly containerFilesystems?: readonly FilesystemUsage[];
}
