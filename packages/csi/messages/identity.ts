import type { PluginCapabilityServiceType, PluginCapabilityVolumeExpansionType } from './enums.ts';

/** TODO-DOC GetPluginInfoRequest. */
export type GetPluginInfoRequest = Readonly<Record<never, never>>;

/** TODO-DOC GetPluginInfoResponse. */
export interface GetPluginInfoResponse {
  /** TODO-DOC name. */
  readonly name: string;
  /** TODO-DOC vendor_version. */
  readonly vendorVersion: string;
  /** TODO-DOC manifest. */
  readonly manifest?: Readonly<Record<string, string>>;
}

/** TODO-DOC GetPluginCapabilitiesRequest. */
export type GetPluginCapabilitiesRequest = Readonly<Record<never, never>>;

/** TODO-DOC GetPluginCapabilitiesResponse. */
export interface GetPluginCapabilitiesResponse {
  /** TODO-DOC capabilities. */
  readonly capabilities?: readonly PluginCapability[];
}

/** TODO-DOC PluginCapability. */
export type PluginCapability =
  | { readonly service: PluginCapabilityService }
  | { readonly volumeExpansion: PluginCapabilityVolumeExpansion };

/** TODO-DOC PluginCapability.Service. */
export interface PluginCapabilityService {
  /** TODO-DOC type. */
  readonly type: PluginCapabilityServiceType;
}

/** TODO-DOC PluginCapability.VolumeExpansion. */
export interface PluginCapabilityVolumeExpansion {
  /** TODO-DOC type. */
  readonly type: PluginCapabilityVolumeExpansionType;
}

/** TODO-DOC ProbeRequest. */
export type ProbeRequest = Readonly<Record<never, never>>;

/** TODO-DOC ProbeResponse. */
export interface ProbeResponse {
  /** TODO-DOC ready. */
  readonly ready?: boolean;
}
