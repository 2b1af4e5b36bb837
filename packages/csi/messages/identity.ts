import type { PluginCapabilityServiceType, PluginCapabilityVolumeExpansionType } from './enums.ts';

/** Asks who the driver is. */
export type GetPluginInfoRequest = Readonly<Record<never, never>>;

/** Who the driver is. */
export interface GetPluginInfoResponse {
  /**
   * Domain-name style, such as `ebs.csi.aws.com`: 1 to 63 letters, digits, `.` and `-`, alphanumeric at both ends. Kubernetes calls the
   * driver by it.
   */
  readonly name: string;
  /** The vendor's own version; opaque, not empty. */
  readonly vendorVersion: string;
  /** More about the driver; opaque, 4 KiB in total at most. */
  readonly manifest?: Readonly<Record<string, string>>;
}

/** Asks what the driver has beyond identity. */
export type GetPluginCapabilitiesRequest = Readonly<Record<never, never>>;

/** What the driver has; the same for every instance of one version. */
export interface GetPluginCapabilitiesResponse {
  /** Left out: a driver with node services only. */
  readonly capabilities?: readonly PluginCapability[];
}

/** One thing that the driver as a whole can do: a service, or a way of growing volumes. */
export type PluginCapability =
  | { readonly service: PluginCapabilityService }
  | { readonly volumeExpansion: PluginCapabilityVolumeExpansion };

/** A service that the driver offers, or a promise about topology. */
export interface PluginCapabilityService {
  /** Which service. */
  readonly type: PluginCapabilityServiceType;
}

/** When volumes may grow. */
export interface PluginCapabilityVolumeExpansion {
  /** While in use, or only while unused. */
  readonly type: PluginCapabilityVolumeExpansionType;
}

/** Asks whether the driver is healthy. */
export type ProbeRequest = Readonly<Record<never, never>>;

/** The driver is healthy. */
export interface ProbeResponse {
  /** False: healthy, but still starting. Left out counts as true. */
  readonly ready?: boolean;
}
