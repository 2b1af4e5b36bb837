/**
 * CONTROLLER_SERVICE, GROUP_CONTROLLER_SERVICE and SNAPSHOT_METADATA_SERVICE (alpha) are services that are there;
 * VOLUME_ACCESSIBILITY_CONSTRAINTS says that not every node reaches every volume, so that topology counts.
 */
export type PluginCapabilityServiceType =
  | 'UNKNOWN'
  | 'CONTROLLER_SERVICE'
  | 'VOLUME_ACCESSIBILITY_CONSTRAINTS'
  | 'GROUP_CONTROLLER_SERVICE'
  | 'SNAPSHOT_METADATA_SERVICE';

/** ONLINE: volumes may grow while published; OFFLINE: only while not. */
export type PluginCapabilityVolumeExpansionType = 'UNKNOWN' | 'ONLINE' | 'OFFLINE';

/**
 * How many nodes use a volume at a time, and what for. The last two (alpha) tell one writing workload on a node from several, and need
 * SINGLE_NODE_MULTI_WRITER.
 */
export type VolumeCapabilityAccessModeMode =
  | 'UNKNOWN'
  | 'SINGLE_NODE_WRITER'
  | 'SINGLE_NODE_READER_ONLY'
  | 'MULTI_NODE_READER_ONLY'
  | 'MULTI_NODE_SINGLE_WRITER'
  | 'MULTI_NODE_MULTI_WRITER'
  | 'SINGLE_NODE_SINGLE_WRITER'
  | 'SINGLE_NODE_MULTI_WRITER';

/**
 * Calls come in pairs or alone under the call's name; PUBLISH_READONLY, LIST_VOLUMES_PUBLISHED_NODES, VOLUME_CONDITION, CLONE_VOLUME
 * and SINGLE_NODE_MULTI_WRITER are features of calls.
 */
export type ControllerServiceCapabilityRPCType =
  | 'UNKNOWN'
  | 'CREATE_DELETE_VOLUME'
  | 'PUBLISH_UNPUBLISH_VOLUME'
  | 'LIST_VOLUMES'
  | 'GET_CAPACITY'
  | 'CREATE_DELETE_SNAPSHOT'
  | 'LIST_SNAPSHOTS'
  | 'CLONE_VOLUME'
  | 'PUBLISH_READONLY'
  | 'EXPAND_VOLUME'
  | 'LIST_VOLUMES_PUBLISHED_NODES'
  | 'VOLUME_CONDITION'
  | 'GET_VOLUME'
  | 'SINGLE_NODE_MULTI_WRITER'
  | 'MODIFY_VOLUME'
  | 'GET_SNAPSHOT';

/** What is counted. */
export type VolumeUsageUnit = 'UNKNOWN' | 'BYTES' | 'INODES';

/** Calls, and three features: VOLUME_CONDITION and SINGLE_NODE_MULTI_WRITER (alpha), VOLUME_MOUNT_GROUP. */
export type NodeServiceCapabilityRPCType =
  | 'UNKNOWN'
  | 'STAGE_UNSTAGE_VOLUME'
  | 'GET_VOLUME_STATS'
  | 'EXPAND_VOLUME'
  | 'VOLUME_CONDITION'
  | 'SINGLE_NODE_MULTI_WRITER'
  | 'VOLUME_MOUNT_GROUP';

/** One capability covers all three calls. */
export type GroupControllerServiceCapabilityRPCType = 'UNKNOWN' | 'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT';

/** FIXED_LENGTH: every run has the same size, so that long ones come in parts; VARIABLE_LENGTH: runs are as long as they are. */
export type BlockMetadataType = 'UNKNOWN' | 'FIXED_LENGTH' | 'VARIABLE_LENGTH';
