// OCI image-spec 1.1.1. Documents keep the spec's own JSON names, also where they are not camelCase, because their bytes are hashed.

/** `algorithm:encoded`, for instance `sha256:` and 64 lower-case hex digits. Spec: "Digests". */
export type Digest = `${string}:${string}`;

/** Which media type a document has. Spec: "OCI Image Media Types". */
export const mediaTypes = {
  descriptor: 'application/vnd.oci.descriptor.v1+json',
  layoutHeader: 'application/vnd.oci.layout.header.v1+json',
  imageIndex: 'application/vnd.oci.image.index.v1+json',
  imageManifest: 'application/vnd.oci.image.manifest.v1+json',
  imageConfig: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

/** Deprecated by 1.1, still met in old images. Spec: "Non-Distributable Layers". */
export const nonDistributableLayerTypes: readonly string[] = [
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
];

/** Docker's types that mean the same. Spec: "Compatibility Matrix". */
export const dockerMediaTypes = {
  manifestList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  imageConfig: 'application/vnd.docker.container.image.v1+json',
  layerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

/** True for an index of manifests, in OCI's or Docker's words. */
export const isIndexType = (mediaType: string): boolean =>
  mediaType === mediaTypes.imageIndex || mediaType === dockerMediaTypes.manifestList;

/** True for a manifest of one image, in OCI's or Docker's words. */
export const isManifestType = (mediaType: string): boolean =>
  mediaType === mediaTypes.imageManifest || mediaType === dockerMediaTypes.manifest;

/** Keys that the spec reserves. Spec: "Pre-Defined Annotation Keys". */
export const annotationKeys: readonly string[] = [
  'org.opencontainers.image.created',
  'org.opencontainers.image.authors',
  'org.opencontainers.image.url',
  'org.opencontainers.image.documentation',
  'org.opencontainers.image.source',
  'org.opencontainers.image.version',
  'org.opencontainers.image.revision',
  'org.opencontainers.image.vendor',
  'org.opencontainers.image.licenses',
  'org.opencontainers.image.ref.name',
  'org.opencontainers.image.title',
  'org.opencontainers.image.description',
  'org.opencontainers.image.base.digest',
  'org.opencontainers.image.base.name',
];

/**
 * Annotation of a layer descriptor, Slipway's own: how many bytes the layer would have in life, as decimal text. The descriptor's
 * `size` is the size of the few bytes that the simulated registry really holds, so that digests stay true. See `simulatedSize`.
 */
export const SIMULATED_SIZE = 'dev.slipway.size';

/**
 * Annotation of a manifest or index, Slipway's own: the digest that this document was asked for by, and which it has not. A digest from
 * the real world names bytes that no simulation has; the registry then hands out a stand-in that says so, never bytes under a false name.
 */
export const STANDS_FOR = 'dev.slipway.stands-for';

export type Annotations = Readonly<Record<string, string>>;

/** What a manifest in an index runs on. Spec: "Image Index Property Descriptions", `platform`. */
export interface Platform {
  /** GOARCH: `amd64`, `arm64`. */
  readonly architecture: string;
  /** GOOS: `linux`, `windows`. */
  readonly os: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  /** `v7`, `v8` … for arm. */
  readonly variant?: string;
  /** Reserved by the spec. */
  readonly features?: readonly string[];
}

/** Names content by type, digest and size. Spec: "OCI Content Descriptors". */
export interface Descriptor {
  /** An RFC 6838 media type. */
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes of the raw content; content of another length is not to be trusted. */
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Annotations;
  /** The content itself in base64; must equal it. */
  readonly data?: string;
  readonly artifactType?: string;
  /** For manifests in an index. */
  readonly platform?: Platform;
}

/** One image for one platform, or another artifact. Spec: "OCI Image Manifest Specification". */
export interface Manifest {
  readonly schemaVersion: 2;
  /** Should be `mediaTypes.imageManifest`. */
  readonly mediaType?: string;
  /** Must be set when `config.mediaType` is the empty type. */
  readonly artifactType?: string;
  readonly config: Descriptor;
  /** Base layer first. */
  readonly layers: readonly Descriptor[];
  /** The manifest that this one refers to; it need not have been pushed. */
  readonly subject?: Descriptor;
  readonly annotations?: Annotations;
}

/** Manifests by platform. Spec: "OCI Image Index Specification". */
export interface Index {
  readonly schemaVersion: 2;
  /** Should be `mediaTypes.imageIndex`. */
  readonly mediaType?: string;
  readonly artifactType?: string;
  /** May be empty; the first that fits wins. */
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Annotations;
}

/** How a container of the image runs unless told otherwise. Spec: "OCI Image Configuration", `config`. */
export interface ImageConfigExecution {
  /** `user`, `uid`, `user:group`, `uid:gid`, `uid:group` or `user:gid`. */
  readonly User?: string;
  /** Keys `port`, `port/tcp` or `port/udp`. */
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  /** `NAME=VALUE`. */
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  /** Arguments of the entrypoint, or the command when there is none. */
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  /** `SIGTERM`, `SIGRTMIN+3` … */
  readonly StopSignal?: string;
  /** Deprecated. */
  readonly ArgsEscaped?: boolean;
  /** Reserved by the spec, like the three that follow. */
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly CpuShares?: number;
  readonly Healthcheck?: Readonly<Record<string, unknown>>;
}

/** One step of an image's making. Spec: "OCI Image Configuration", `history`. */
export interface ImageHistory {
  /** RFC 3339. */
  readonly created?: string;
  readonly author?: string;
  readonly created_by?: string;
  readonly comment?: string;
  /** True when the step made no layer. */
  readonly empty_layer?: boolean;
}

/** What an image is and how it runs. Its bytes' SHA-256 is the image's id. Spec: "OCI Image Configuration". */
export interface ImageConfig {
  /** RFC 3339. */
  readonly created?: string;
  readonly author?: string;
  readonly architecture: string;
  readonly os: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
  readonly variant?: string;
  readonly config?: ImageConfigExecution | null;
  readonly rootfs: {
    readonly type: 'layers';
    /** Digests of the uncompressed layers, base first. */
    readonly diff_ids: readonly Digest[];
  };
  readonly history?: readonly ImageHistory[];
}

/** The `oci-layout` file. Spec: "OCI Image Layout", "oci-layout file". */
export interface ImageLayout {
  readonly imageLayoutVersion: '1.0.0';
}

/** Stands where a descriptor is demanded but nothing is to be said. Spec: "Guidance for an Empty Descriptor". */
export const emptyDescriptor: Descriptor = {
  mediaType: mediaTypes.empty,
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
  data: 'e30=',
};
