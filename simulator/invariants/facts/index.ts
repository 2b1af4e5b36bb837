import type { Check, Watched } from '../invariant.ts';
import { Allocatable } from './allocatable.ts';
import { Attachments } from './attachments.ts';
import { ScheduledPods } from './scheduled-pods.ts';
import { OpenWatches } from './open-watches.ts';
import { PublishedVolumes } from './published-volumes.ts';
import { RuntimeObjects } from './runtime-objects.ts';

export type { Attachment } from './attachments.ts';
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
  readonly checks: readonly Check[];

  constructor(world: Watched) {
    this.runtime = new RuntimeObjects(world);
    this.attachments = new Attachments(world);
    this.watches = new OpenWatches(world);
    this.scheduled = new ScheduledPods();
    this.allocatable = new Allocatable();
    this.published = new PublishedVolumes();
    this.checks = [this.runtime, this.attachments, this.watches, this.scheduled, this.allocatable, this.published];
  }
}
