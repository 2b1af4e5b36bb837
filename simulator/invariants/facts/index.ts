import type { Check, Watched } from '../invariant.ts';
import { Allocatable } from './allocatable.ts';
import { Attachments } from './attachments.ts';
import { Detachments } from './detachments.ts';
import { NodeHistory } from './node-history.ts';
import { NodeVolumes } from './node-volumes.ts';
import { Placements } from './placements.ts';
import { ScheduledPods } from './scheduled-pods.ts';
import { Staleness } from './staleness.ts';
import { OpenWatches } from './open-watches.ts';
import { PublishedVolumes } from './published-volumes.ts';
import { OciContainers } from './oci-containers.ts';
import { RuntimeObjects } from './runtime-objects.ts';

export type { Attachment } from './attachments.ts';
export type { NodeVersion } from './node-history.ts';
export type { VolumeStep } from './node-volumes.ts';
export type { Decision, Placement } from './placements.ts';
export type { ObservedContainer, ObservedPod, ObservedSandbox } from './runtime-objects.ts';
export type { OpenWatch, WatchListener } from './open-watches.ts';

/** What several rows want to know, gathered once from writes and calls. Facts are told of each event before the rows are. */
export class Facts {
  /** Sandboxes and containers, as the kubelets' calls and their answers show them. */
  readonly runtime: RuntimeObjects;
  /** Network attachments, as the runtimes' calls show them. */
  readonly attachments: Attachments;
  /** Open watches of the API. */
  readonly watches: OpenWatches;
  /** Pods that a scheduler has put on nodes. */
  readonly scheduled: ScheduledPods;
  /** What nodes have to give. */
  readonly allocatable: Allocatable;
  /** Volumes on nodes, as the attachers' calls show them. */
  readonly published: PublishedVolumes;
  /** Volumes staged and published on nodes, as the kubelets' calls show them. */
  readonly volumes: NodeVolumes;
  /** Whether a volume may be taken off a node that still uses it. */
  readonly detachments: Detachments;
  /** How old the state may be that decisions rest on, and how long nothing has gone wrong. */
  readonly staleness: Staleness;
  /** Who put which pod where, and what that one could know. */
  readonly placements: Placements;
  /** What nodes were, and are. */
  readonly nodes: NodeHistory;
  /** Containers of OCI runtimes, as the calls of the runtimes above them show them. */
  readonly oci: OciContainers;
  readonly checks: readonly Check[];

  constructor(world: Watched) {
    this.runtime = new RuntimeObjects(world);
    this.attachments = new Attachments(world);
    this.watches = new OpenWatches(world);
    this.scheduled = new ScheduledPods();
    this.allocatable = new Allocatable(world);
    this.published = new PublishedVolumes();
    this.volumes = new NodeVolumes(world);
    this.staleness = new Staleness(world);
    this.detachments = new Detachments(world, this.volumes, this.staleness);
    this.placements = new Placements(world, this.staleness);
    this.nodes = new NodeHistory(world);
    this.oci = new OciContainers(world);
    this.checks = [
      this.runtime,
      this.attachments,
      this.watches,
      this.scheduled,
      this.allocatable,
      this.published,
      this.volumes,
      this.staleness,
      this.detachments,
      this.placements,
      this.nodes,
      this.oci,
    ];
  }
}
