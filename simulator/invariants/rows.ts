import { bookmarkTrue } from './api/bookmark-true.ts';
import { finalizers } from './api/finalizers.ts';
import { revisions } from './api/revisions.ts';
import { serviceNumbers } from './api/service-numbers.ts';
import { staleWriteFails } from './api/stale-write-fails.ts';
import { watchComplete } from './api/watch-complete.ts';
import { disjointRanges } from './cloud/disjoint-ranges.ts';
import { doubtKeeps } from './cloud/doubt-keeps.ts';
import { initGate } from './cloud/init-gate.ts';
import { noLeakedBalancer } from './cloud/no-leaked-balancer.ts';
import type { Invariant } from './invariant.ts';
import { goneMeansGone } from './kubelet/gone-means-gone.ts';
import { initOrder } from './kubelet/init-order.ts';
import { phaseOneWay } from './kubelet/phase-one-way.ts';
import { restartCount } from './kubelet/restart-count.ts';
import { restartPolicy } from './kubelet/restart-policy.ts';
import { denyByDefault } from './mesh/deny-by-default.ts';
import { liveBackends } from './mesh/live-backends.ts';
import { zeroMeansNone } from './mesh/zero-means-none.ts';
import { addressLegal } from './network/address-legal.ts';
import { delForEveryAdd } from './network/del-for-every-add.ts';
import { delIdempotent } from './network/del-idempotent.ts';
import { failedAddClean } from './network/failed-add-clean.ts';
import { lateDelHarmless } from './network/late-del-harmless.ts';
import { uniqueAddress } from './network/unique-address.ts';
import { noOrphans } from './runtime/no-orphans.ts';
import { stopIdempotent } from './runtime/stop-idempotent.ts';
import { bindOnce } from './scheduling/bind-once.ts';
import { capacity } from './scheduling/capacity.ts';
import { hostPort } from './scheduling/host-port.ts';
import { podSlots } from './scheduling/pod-slots.ts';
import { clock } from './simulation/clock.ts';
import { replay } from './simulation/replay.ts';
import { attachmentAgrees } from './storage/attachment-agrees.ts';
import { bindingOneToOne } from './storage/binding-one-to-one.ts';
import { createIdempotent } from './storage/create-idempotent.ts';
import { deleteAfterDetach } from './storage/delete-after-detach.ts';
import { singleWriter } from './storage/single-writer.ts';
import { stageFirst } from './storage/stage-first.ts';
import { unpublishMissingOk } from './storage/unpublish-missing-ok.ts';

/** The rows that are checked, in the order of invariants.md. */
export const invariants: readonly Invariant[] = [
  capacity,
  podSlots,
  bindOnce,
  hostPort,
  phaseOneWay,
  initOrder,
  restartPolicy,
  goneMeansGone,
  restartCount,
  stopIdempotent,
  noOrphans,
  uniqueAddress,
  addressLegal,
  failedAddClean,
  delIdempotent,
  delForEveryAdd,
  lateDelHarmless,
  singleWriter,
  stageFirst,
  createIdempotent,
  deleteAfterDetach,
  unpublishMissingOk,
  bindingOneToOne,
  attachmentAgrees,
  initGate,
  doubtKeeps,
  disjointRanges,
  noLeakedBalancer,
  zeroMeansNone,
  denyByDefault,
  liveBackends,
  revisions,
  watchComplete,
  bookmarkTrue,
  staleWriteFails,
  finalizers,
  serviceNumbers,
  replay,
  clock,
];
