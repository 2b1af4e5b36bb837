import { expect, test } from 'vitest';
import type { StepDocument } from '../scenario/schema.ts';
import { FAULT_KINDS, faultKindOf } from './fault-kind.ts';

const CASES: readonly (readonly [kind: string | undefined, step: StepDocument])[] = [
  ['error', { fault: { on: 'cni.add', error: 11 } }],
  ['delay', { fault: { on: 'csi', delay: '1s' } }],
  ['slow', { fault: { on: '*', node: 'node-1', delay: '1s' } }],
  ['hang', { fault: { on: 'csi', hang: true } }],
  ['lost-answer', { fault: { on: 'csi', loseAnswer: true } }],
  ['duplicate', { fault: { on: 'csi', duplicate: true } }],
  ['crash', { fault: { on: 'csi', crash: true } }],
  ['crash-with-state', { fault: { on: 'csi', crash: { keepState: true } } }],
  ['crash-between-writes', { fault: { on: 'api.create', crashCaller: true } }],
  ['refuse', { fault: { on: 'csi', refuse: true } }],
  ['power', { powerOff: 'node-1' }],
  ['power', { restart: { node: 'node-1' } }],
  ['freeze', { nodeFault: { node: 'node-1', freeze: true } }],
  ['clock-skew', { nodeFault: { node: 'node-1', clock: '+5m' } }],
  ['disk-full', { nodeFault: { node: 'node-1', disk: 'full' } }],
  ['memory-pressure', { nodeFault: { node: 'node-1', memory: '50Mi' } }],
  ['partition', { partition: { node: 'node-1', from: 'cloud' } }],
  ['asymmetric-partition', { partition: { node: 'node-1', direction: 'in' } }],
  ['restart-apiserver', { restart: { part: 'kube-apiserver' } }],
  ['restart-scheduler', { restart: { part: 'kube-scheduler' } }],
  ['restart-controller-manager', { restart: { part: 'kube-controller-manager' } }],
  ['restart-cloud-controller-manager', { restart: { part: 'cloud-controller-manager' } }],
  ['restart-kubelet', { restart: { part: 'kubelet', node: 'node-1' } }],
  ['restart-plugin', { restart: { plugin: 'csi/ebs' } }],
  ['stale-read', { fault: { on: 'api', stale: '10s' } }],
  ['coalesced-watch', { fault: { on: 'api', coalesce: '10s' } }],
  ['cut-watch', { fault: { on: 'api', cut: true } }],
  ['cut-watch', { fault: { on: 'api', cut: { away: '10s' } } }],
  ['missed-event', { fault: { on: 'api', cut: { relist: true } } }],
  ['lagging-watch', { fault: { on: 'api', lag: '10s' } }],
  ['conflict-storm', { fault: { on: 'api.Update*', error: 'Conflict' } }],
  ['throttle', { fault: { on: 'cloud', error: { code: 'RequestLimitExceeded' } } }],
  ['outage', { fault: { on: 'cloud', refuse: true } }],
  [undefined, { heal: 'all' }],
  [undefined, { powerOn: 'node-1' }],
];

test.each(CASES)('kind %s: %j', (kind, step) => expect(faultKindOf(step)).toBe(kind));

test('kinds: every one is met by some step', () => {
  const met = new Set(CASES.map(([kind]) => kind));
  expect(FAULT_KINDS.filter((kind) => !met.has(kind))).toEqual([]);
});
