import { kinds } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../manifests/input-error.ts';
import type { StepDocument } from '../schema.ts';
import { checkStep, describeStep } from './index.ts';

/** What is wrong with a step: path, message and fix. */
function problemsOf(document: StepDocument): string[] {
  const problems: Problem[] = [];
  checkStep(document, (path) => ({ file: path.join('.'), line: 1, column: 1 }), kinds, problems);
  return problems.map(({ place, message, fix }) => `${place.file}: ${message}${fix === undefined ? '' : ` | ${fix}`}`);
}

const web = { of: 'deployment/web' };

describe('check: a step is told what is wrong with it', () => {
  const cases: readonly (readonly [document: StepDocument, message: RegExp])[] = [
    [{ as: 'x' }, /^: the step does nothing \| give it one of apply, delete, /],
    [
      { powerOff: 'node-1', cordon: 'node-1' },
      /^cordon: a step does one thing, and this one has powerOff and cordon \| write a step for each/,
    ],
    [{ delete: 'deploymnt/web' }, /^delete: delete: there is no kind "deploymnt" \| did you mean "deployment\/web"\?/],
    [{ delete: ['pod/a', 'web'] }, /^delete\.1: delete: "web" names no object \| write kind\/name/],
    [{ delete: { of: ['pod/a', 'node/x/y'] } }, /^delete\.of\.1: delete: "node\/x\/y": a Node is in no namespace/],
    [{ delete: { of: 'pod/a', force: true, gracePeriod: '5s' } }, /^delete\.gracePeriod: delete: "force" deletes at once/],
    [{ patch: { ...web, type: 'json', with: { a: 1 } } }, /^patch\.with: patch: a patch of type json is a list of operations/],
    [{ patch: { ...web, with: [{ op: 'remove', path: '/x' }] } }, /^patch\.with: patch: a patch of type strategic is a part of the object/],
    [{ patch: { ...web, type: 'json', with: [{ op: 'set', path: '/x' }] } }, /^patch\.with\.0: patch: "op" is none of add, remove/],
    [{ patch: { ...web, type: 'json', with: [{ op: 'remove', path: 'spec' }] } }, /^patch\.with\.0: patch: "path" is no path of a field/],
    [{ patch: { of: 'pod/a', subresource: 'scale', with: {} } }, /^patch\.subresource: patch: a Pod cannot be scaled/],
    [
      { patch: { of: 'configmap/a', subresource: 'status', with: {} } },
      /^patch\.subresource: patch: a ConfigMap has no subresource status/,
    ],
    [{ scale: { of: 'daemonset/a', replicas: 2 } }, /^scale\.of: scale: a DaemonSet cannot be scaled \| these can: .*deployment/],
    [{ powerOff: { nodeOf: 'deploy' } }, /^powerOff\.nodeOf: powerOff: "deploy" names no object/],
    [{ drain: { node: { nodeOf: 'statefulst/db' } } }, /^drain\.node\.nodeOf: drain: there is no kind "statefulst"/],
    [{ fault: { on: 'cni' } }, /^fault: fault: does nothing to the calls \| add one of refuse, /],
    [{ fault: { on: 'cni.ad', refuse: true } }, /^fault\.on: fault: .*ad.* \| did you mean "cni\.Add"/],
    [{ restart: {} }, /^restart: restart: names nothing to restart/],
    [{ restart: { part: 'kube-scheduler', plugin: 'cri' } }, /^restart\.plugin: restart: "part" and "plugin" exclude each other/],
    [{ restart: { part: 'kube-scheduler', node: 'node-1' } }, /^restart\.node: restart: kube-scheduler runs on no node/],
    [{ restart: { plugin: 'cloud', node: 'node-1' } }, /^restart\.node: restart: the cloud plugin is one of the cluster/],
    [{ restart: { plugin: 'ebs' } }, /^restart\.plugin: restart: there is no interface "ebs"/],
    [{ partition: { node: 'node-1', from: [] } }, /^partition\.from: partition: names nobody/],
    [{ nodeFault: { node: 'node-1' } }, /^nodeFault: nodeFault: nothing is wrong with the machine \| add one of freeze: true/],
    [{ nodeFault: { node: 'node-1', freeze: true, disk: 'full' } }, /^nodeFault\.disk: nodeFault: "freeze" and "disk" are two things/],
    [{ partition: { node: 'node-1', from: ['node-2', 'node-1'] } }, /^partition\.from\.1: partition: a node cannot be cut off from itself/],
    [
      { partition: { node: 'node-1', from: 'controlplane' } },
      /^partition\.from: partition: there is no place "controlplane" \| did you mean "control-plane"/,
    ],
    [{ request: { from: 'deployment/web', to: 'http://web/' } }, /^request\.from: request: "deployment\/web" is nobody who could ask/],
    [{ request: { from: 'outside', to: 'http://' } }, /^request\.to: request: "http:\/\/" is nowhere to send a request/],
    [{ request: { from: 'outside', to: 'web:80', method: 'POST' } }, /^request\.method: request: a method is of HTTP/],
    [{ exec: { pod: 'web-0', command: ' ' } }, /^exec\.command: exec: names no program/],
    [{ exec: { pod: { podOf: 'web' }, command: ['ls'] } }, /^exec\.pod\.podOf: exec: "web" names no object/],
  ];
  test.each(cases)('%j', (document, message) => {
    const problems = problemsOf(document);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });
});

test('check: variables and what is right have no problem', () => {
  const right: readonly StepDocument[] = [
    { delete: '$gone' },
    { scale: { of: '$it', replicas: 0 } },
    { powerOff: '$lost' },
    { drain: { node: { nodeOf: 'sts/db' }, timeout: '30s' } },
    { patch: { ...web, type: 'merge', with: { spec: {} } } },
    { restart: { plugin: 'csi/ebs' } },
    { restart: { part: 'kubelet' } },
    { partition: { node: '$lost', from: ['control-plane', 'node-2', '$others'] } },
    { restart: { plugin: 'cri', node: '$lost' } },
    { request: { from: 'pod/web-0', to: 'grpc://cart:7070' } },
    { exec: { pod: 'web-0', command: 'ls' } },
    { apply: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } },
  ];
  expect(right.flatMap(problemsOf)).toEqual([]);
});

test('describe: a step is one line of at most 100 columns', () => {
  expect(describeStep({ powerOff: { nodeOf: 'deployment/web' }, as: 'lost' })).toBe('powerOff: {nodeOf: deployment/web} as lost');
  expect(describeStep({ at: '5s', cordon: 'node-1', fails: true })).toBe('cordon: node-1 (has to fail)');
  expect(describeStep({ apply: ['web.yaml', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }] })).toBe('apply: web.yaml, Pod a');
  const long = describeStep({ exec: { pod: 'web-0', command: Array.from({ length: 40 }, (_, index) => `word-${index}`) }, as: 'out' });
  expect(long).toHaveLength(100);
  expect(long).toMatch(/… as out$/);
});
