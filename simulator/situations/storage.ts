import type {
  ControllerPublishVolumeRequest,
  ControllerUnpublishVolumeRequest,
  CreateVolumeRequest,
  DeleteVolumeRequest,
  NodeStageVolumeRequest,
} from '@slipway/csi';
import type { TraceRecord } from '@slipway/kernel';
import type { CSINode } from '@slipway/kube';
import type { CommittedWrite } from '../apiserver/index.ts';
import { requestOf, UNCERTAIN } from '../invariants/facts/published-volumes.ts';
import { nodeOf } from '../invariants/titles.ts';
import { OpenCalls } from './open-calls.ts';
import type { Situation } from './situation.ts';

/** Names that drivers give to nodes, as their CSINode objects tell. */
class NodeIds {
  readonly resources = ['csinodes'];
  readonly #nodes = new Map<string, string>();

  write({ object }: CommittedWrite): void {
    for (const { nodeID } of (object as CSINode).spec.drivers) this.#nodes.set(nodeID, object.metadata.name);
  }

  nodeOf(nodeId: string): string {
    return this.#nodes.get(nodeId) ?? nodeId;
  }
}

const volumeOf = (call: TraceRecord): string => requestOf<{ readonly volumeId: string }>(call).volumeId;
const nameOf = (call: TraceRecord): string => requestOf<CreateVolumeRequest>(call).name;

const createsOverlapped: Situation = {
  id: 'creates-overlapped',
  title: 'two CreateVolume calls of one name overlapped',
  watch: (_world, reached) => {
    const open = new OpenCalls();
    return {
      called: {
        'csi.Controller/CreateVolume'(call) {
          if (open.has(nameOf(call))) reached();
          open.begin(nameOf(call), call);
        },
      },
      answered: { 'csi.Controller/CreateVolume': ({ call }) => open.end(nameOf(call), call) },
      // What is delivered twice overlaps with itself.
      fault: ({ name, data }) => name === 'csi.Controller/CreateVolume' && data[0] === 'delivered twice' && reached(),
    };
  },
};

const createRepeated: Situation = {
  id: 'create-repeated',
  title: 'CreateVolume came again after an answer that told nothing',
  watch: (_world, reached) => {
    const uncertain = new Set<string>();
    return {
      called: { 'csi.Controller/CreateVolume': (call) => uncertain.delete(nameOf(call)) && reached() },
      answered: { 'csi.Controller/CreateVolume': ({ call, code }) => UNCERTAIN.has(code) && uncertain.add(nameOf(call)) },
    };
  },
};

const deleteRepeated: Situation = {
  id: 'delete-repeated',
  title: 'DeleteVolume came again for a volume that was deleted already',
  watch: (_world, reached) => {
    const deleted = new Set<string>();
    const key = (call: TraceRecord): string => requestOf<DeleteVolumeRequest>(call).volumeId;
    return {
      called: { 'csi.Controller/DeleteVolume': (call) => deleted.has(key(call)) && reached() },
      answered: { 'csi.Controller/DeleteVolume': ({ call, ok }) => ok && deleted.add(key(call)) },
      fault: ({ name, data }) => name === 'csi.Controller/DeleteVolume' && data[0] === 'delivered twice' && reached(),
    };
  },
};

const attachedWithoutPower: Situation = {
  id: 'attached-without-power',
  title: 'a volume was attached while its node had no power',
  watch: ({ nodes }, reached) => {
    const ids = new NodeIds();
    return {
      resources: ids.resources,
      write: (write) => ids.write(write),
      answered: {
        'csi.Controller/ControllerPublishVolume'({ call, ok }) {
          const node = nodes.get(ids.nodeOf(requestOf<ControllerPublishVolumeRequest>(call).nodeId));
          if (ok && node && !node.host.on) reached();
        },
      },
    };
  },
};

const detachedFromGone: Situation = {
  id: 'detached-from-gone-node',
  title: 'a node was gone, or without power, while a volume was being detached from it',
  watch: ({ nodes, server }, reached) => {
    const ids = new NodeIds();
    return {
      resources: ids.resources,
      write: (write) => ids.write(write),
      answered: {
        'csi.Controller/ControllerUnpublishVolume'({ call }) {
          const { nodeId = '' } = requestOf<ControllerUnpublishVolumeRequest>(call);
          const name = ids.nodeOf(nodeId);
          if (nodeId !== '' && (nodes.get(name)?.host.on !== true || !server.peek('nodes', undefined, name))) reached();
        },
      },
    };
  },
};

const attachDuringDetach: Situation = {
  id: 'attach-during-detach',
  title: 'a volume was attached while its detach was not answered',
  watch: (_world, reached) => {
    const detaching = new OpenCalls();
    return {
      called: {
        'csi.Controller/ControllerUnpublishVolume': (call) => detaching.begin(volumeOf(call), call),
        'csi.Controller/ControllerPublishVolume': (call) => detaching.has(volumeOf(call)) && reached(),
      },
      answered: { 'csi.Controller/ControllerUnpublishVolume': ({ call }) => detaching.end(volumeOf(call), call) },
    };
  },
};

const volumeMoved: Situation = {
  id: 'volume-moved',
  title: 'a volume went from one node to another',
  watch: (_world, reached) => {
    const places = new Map<string, string>();
    return {
      answered: {
        'csi.Controller/ControllerPublishVolume'({ call, ok }) {
          if (!ok) return;
          const { volumeId, nodeId } = requestOf<ControllerPublishVolumeRequest>(call);
          const before = places.get(volumeId);
          if (before !== undefined && before !== nodeId) reached();
          places.set(volumeId, nodeId);
        },
      },
    };
  },
};

const staged = (call: TraceRecord): string => `${nodeOf(call.actor)}/${requestOf<NodeStageVolumeRequest>(call).volumeId}`;

const stageRepeated: Situation = {
  id: 'stage-repeated',
  title: 'NodeStageVolume came again for a volume that is staged there',
  watch: (_world, reached) => {
    const done = new Set<string>();
    return {
      called: {
        'csi.Node/NodeStageVolume': (call) => done.has(staged(call)) && reached(),
        'csi.Node/NodeUnstageVolume': (call) => void done.delete(staged(call)),
      },
      answered: { 'csi.Node/NodeStageVolume': ({ call, ok }) => ok && done.add(staged(call)) },
    };
  },
};

const driverBusy: Situation = {
  id: 'driver-busy',
  title: 'a driver said that it is busy with the volume already',
  watch: (_world, reached) => {
    const refused = ({ code }: { readonly code: string }): void => {
      if (code === 'ABORTED') reached();
    };
    const methods = [
      'csi.Controller/CreateVolume',
      'csi.Controller/DeleteVolume',
      'csi.Controller/ControllerPublishVolume',
      'csi.Controller/ControllerUnpublishVolume',
      'csi.Node/NodeStageVolume',
      'csi.Node/NodePublishVolume',
    ];
    return { answered: Object.fromEntries(methods.map((method) => [method, refused])) };
  },
};

export const storageSituations: readonly Situation[] = [
  createsOverlapped,
  createRepeated,
  deleteRepeated,
  attachedWithoutPower,
  detachedFromGone,
  attachDuringDetach,
  volumeMoved,
  stageRepeated,
  driverBusy,
];
