import type {
  NodeGetInfoResponse,
  NodePublishVolumeRequest,
  NodeStageVolumeRequest,
  NodeUnpublishVolumeRequest,
  NodeUnstageVolumeRequest,
} from '@slipway/csi';
import type { Host } from '@slipway/host';
import type { Micros, Owner, TraceRecord } from '@slipway/kernel';
import type { Check, Exchange, Watched } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import { requestOf } from './published-volumes.ts';

/** Codes after which the kubelet takes the work for perhaps done, or still going on. Source: `pkg/volume/csi/csi_client.go` isFinalError. */
const NOT_FINAL: ReadonlySet<string> = new Set(['CANCELLED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'ABORTED']);

type DoRequest = NodeStageVolumeRequest | NodePublishVolumeRequest;

/** A volume at a path of a node: staged, or published for a pod. */
export interface VolumeStep {
  readonly kind: 'stage' | 'publish';
  readonly node: string;
  readonly volumeId: string;
  readonly path: string;
  /** `maybe`: asked for, and neither known to have worked nor to have failed. */
  state: 'maybe' | 'done';
  /** Of the last call that asked for it. */
  request: DoRequest;
  /** Who answered. */
  driver: string | undefined;
  /** The machine's power-up that it belongs to. */
  power: Owner | undefined;
  /** The last try to undo it was answered with an error. */
  undoFailed: boolean;
  readonly since: Micros;
}

/** What kubelets have had drivers do on their nodes. A step ends when its undoing succeeds, and with the machine's power. */
export class NodeVolumes implements Check {
  readonly #world: Watched;
  readonly #steps = new Map<string, VolumeStep>();
  readonly #byVolume = new Map<string, Set<VolumeStep>>();
  /** Calls that ask for a step and have no answer, by key: true once the step was undone meanwhile. */
  readonly #open = new Map<string, Map<number, boolean>>();
  /** Nodes by the ids that drivers know them by, and the machine that each then was. */
  readonly #nodeOfId = new Map<string, { readonly node: string; readonly host: Host | undefined }>();
  readonly #machines = new Map<string, Host | undefined>();
  readonly #replaced = new Set<string>();
  readonly #starts = new Map<string, number>();

  constructor(world: Watched) {
    this.#world = world;
  }

  readonly called: NonNullable<Check['called']> = {
    // A kubelet that has been started anew learns of its drivers first.
    'csi.Node/NodeGetInfo': ({ actor }) => void this.#starts.set(actor, this.startOf(actor) + 1),
    'csi.Node/NodeStageVolume': (call) => this.#asked('stage', call, requestOf<NodeStageVolumeRequest>(call).stagingTargetPath),
    'csi.Node/NodePublishVolume': (call) => this.#asked('publish', call, requestOf<NodePublishVolumeRequest>(call).targetPath),
  };

  readonly answered: NonNullable<Check['answered']> = {
    'csi.Node/NodeGetInfo': ({ answer, ok }) => {
      if (!ok) return;
      const node = nodeOf(answer.actor);
      const host = this.#world.nodes.get(node)?.host;
      if ((this.#machines.get(node) ?? host) !== host) this.#replaced.add(node);
      this.#machines.set(node, host);
      this.#nodeOfId.set((answer.full as NodeGetInfoResponse).nodeId, { node, host });
    },
    'csi.Node/NodeStageVolume': (exchange) =>
      this.#done('stage', exchange, requestOf<NodeStageVolumeRequest>(exchange.call).stagingTargetPath),
    'csi.Node/NodePublishVolume': (exchange) =>
      this.#done('publish', exchange, requestOf<NodePublishVolumeRequest>(exchange.call).targetPath),
    'csi.Node/NodeUnstageVolume': (exchange) =>
      this.#undone('stage', exchange, requestOf<NodeUnstageVolumeRequest>(exchange.call).stagingTargetPath),
    'csi.Node/NodeUnpublishVolume': (exchange) =>
      this.#undone('publish', exchange, requestOf<NodeUnpublishVolumeRequest>(exchange.call).targetPath),
  };

  /** The step at this path, unless the machine has lost its power since. */
  step(kind: VolumeStep['kind'], node: string, volumeId: string, path: string): VolumeStep | undefined {
    const step = this.#steps.get(keyOf(kind, node, volumeId, path));
    return step && this.isLive(step) ? step : undefined;
  }

  /** All steps of a volume, on all nodes that have had power since. */
  stepsOf(volumeId: string): readonly VolumeStep[] {
    return [...(this.#byVolume.get(volumeId) ?? [])].filter((step) => this.isLive(step));
  }

  /** Every step that there is. For looks at rest. */
  all(): readonly VolumeStep[] {
    return [...this.#steps.values()].filter((step) => this.isLive(step));
  }

  /** Name of the node that a driver knows by this id; undefined while it has not told. */
  nodeNamed(nodeId: string): string | undefined {
    return this.#nodeOfId.get(nodeId)?.node;
  }

  /** The machine that a driver knew by this id was taken away for good; another may have come under its name. */
  isGone(nodeId: string): boolean {
    const known = this.#nodeOfId.get(nodeId);
    return known?.host !== undefined && this.#world.nodes.get(known.node)?.host !== known.host;
  }

  /** There was another machine under this name before: what is said of the node may be of that one. */
  wasReplaced(node: string): boolean {
    return this.#replaced.has(node);
  }

  /** Counts how often this kubelet was started, or its drivers made themselves known to it. */
  startOf(kubelet: string): number {
    return this.#starts.get(kubelet) ?? 0;
  }

  /** The node's power-up; undefined for a node that is not watched. */
  powerOf(node: string): Owner | undefined {
    return this.#world.nodes.get(node)?.host.owner;
  }

  isLive({ node, power }: VolumeStep): boolean {
    return power === this.powerOf(node) && power?.alive !== false;
  }

  #asked(kind: VolumeStep['kind'], call: TraceRecord, path: string): void {
    const request = call.full as DoRequest;
    const { volumeId } = request;
    const node = nodeOf(call.actor);
    const key = keyOf(kind, node, volumeId, path);
    const known = this.step(kind, node, volumeId, path);
    if (known) known.request = request;
    else {
      const step: VolumeStep = {
        kind,
        node,
        volumeId,
        path,
        state: 'maybe',
        request,
        driver: undefined,
        power: this.powerOf(node),
        undoFailed: false,
        since: call.at,
      };
      this.#drop(key);
      this.#steps.set(key, step);
      let steps = this.#byVolume.get(volumeId);
      if (!steps) this.#byVolume.set(volumeId, (steps = new Set()));
      steps.add(step);
    }
    let open = this.#open.get(key);
    if (!open) this.#open.set(key, (open = new Map()));
    open.set(call.seq, false);
  }

  #done(kind: VolumeStep['kind'], { call, answer, ok, code }: Exchange, path: string): void {
    const { volumeId } = call.full as DoRequest;
    const key = keyOf(kind, nodeOf(call.actor), volumeId, path);
    const open = this.#open.get(key);
    const crossed = open?.get(call.seq) === true;
    open?.delete(call.seq);
    if (open?.size === 0) this.#open.delete(key);
    const step = this.#steps.get(key);
    if (!step || crossed || !this.isLive(step)) return;
    if (ok) {
      step.state = 'done';
      step.driver = answer.actor;
      step.undoFailed = false;
    } else if (step.state === 'maybe' && !NOT_FINAL.has(code)) this.#drop(key);
  }

  #undone(kind: VolumeStep['kind'], { call, ok }: Exchange, path: string): void {
    const { volumeId } = call.full as { readonly volumeId: string };
    const key = keyOf(kind, nodeOf(call.actor), volumeId, path);
    if (!ok) {
      const step = this.#steps.get(key);
      if (step) step.undoFailed = true;
      return;
    }
    const open = this.#open.get(key);
    for (const seq of open?.keys() ?? []) open?.set(seq, true);
    this.#drop(key);
  }

  #drop(key: string): void {
    const step = this.#steps.get(key);
    if (!step) return;
    this.#steps.delete(key);
    const steps = this.#byVolume.get(step.volumeId);
    steps?.delete(step);
    if (steps?.size === 0) this.#byVolume.delete(step.volumeId);
  }
}

const keyOf = (kind: VolumeStep['kind'], node: string, volumeId: string, path: string): string => `${kind} ${node} ${volumeId} ${path}`;
