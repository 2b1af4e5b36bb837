import { describe, expect, test } from 'vitest';
import type { FaultDocument } from '../scenario/schema.ts';
import { checkFault, checkNodeFault, matchCalls } from './check-fault.ts';

const messages = (fault: FaultDocument): readonly string[] =>
  checkFault(fault).map(({ path, message, fix }) => `${path.join('.')}: ${message}; ${fix}`);

describe('on', () => {
  test.each([
    '*',
    'cni',
    'cni.add',
    'cni.Plugin/Add',
    'csi.CreateVolume',
    'csi.Controller/CreateVolume',
    'csi.controller/*',
    'api.renewLease',
    'api.Update*',
  ])('%s names calls', (on) => expect(matchCalls(on)).toBeUndefined());

  test.each([
    ['cnj.add', 'there is no interface "cnj"', 'did you mean "cni.add"?'],
    ['network', 'there is no interface "network"', 'interfaces are api, cri, cni, csi, cpi, smi, oci, cloud'],
    ['csi.CreatVolume', 'csi has no method "CreatVolume"', 'did you mean "csi.CreateVolume"?'],
    ['cni.attach', 'cni has no method "attach"', expect.stringContaining('its methods are Add, Del, Check')],
    ['csi.Controler/CreateVolume', 'csi has no service "Controler"', 'did you mean "csi.Controller/CreateVolume"?'],
    ['csi.Node/CreateVolume', 'csi.Node has no method "CreateVolume"', expect.anything()],
    ['csi.Controller', 'csi has no method "Controller"', 'for all calls of this service write "csi.Controller/*"'],
  ])('%s is refused: %s', (on, message, fix) => expect(matchCalls(on)).toEqual({ message, fix }));
});

describe('a fault', () => {
  test('is good with one arrow, and codes that callers know', () => {
    const good: FaultDocument[] = [
      { on: 'cni.add', error: { code: 11 } },
      { on: 'cni.add', error: '101' },
      { on: 'csi.CreateVolume', error: 'RESOURCE_EXHAUSTED', rate: '1/4' },
      { on: 'api.update', error: { code: 'Conflict' }, from: 'kube-controller-manager' },
      { on: 'cloud', error: 'RequestLimitExceeded' },
      { on: 'cni.add', refuse: true },
      { on: 'api.watch', lag: '5s' },
      { on: '*', cut: true },
      { on: 'api', cut: { away: '10s', relist: true } },
      { on: 'api', coalesce: '5s' },
      { on: 'api', stale: '5s' },
      { on: 'api.List', stale: '5s', rate: '1/2' },
      { on: 'api.create', crashCaller: { restart: '3s' }, after: 1 },
    ];
    expect(good.flatMap(messages)).toEqual([]);
  });

  test('does one thing', () => {
    expect(messages({ on: 'cni.add' })).toEqual([
      ': does nothing to the calls; add one of refuse, error, loseAnswer, delay, duplicate, hang, crash, crashCaller, stale, lag, coalesce, cut',
    ]);
    expect(messages({ on: 'cni.add', hang: true, delay: '1s' })).toEqual([
      'hang: "delay" and "hang" are two things that go wrong; write a step for each',
    ]);
  });

  test('has a code of the interface', () => {
    expect(messages({ on: 'cri.RunPodSandbox', error: 'UNAVAILABL' })).toEqual([
      'error: cri has no code "UNAVAILABL"; did you mean UNAVAILABLE?',
    ]);
    expect(messages({ on: 'csi', error: { code: 7 } })).toEqual([
      expect.stringContaining('error.code: csi has no code "7"; its codes are CANCELLED'),
    ]);
    expect(messages({ on: 'api.create', error: 'NotFond' })).toEqual(['error: api has no code "NotFond"; did you mean NotFound?']);
    expect(messages({ on: 'cni.add', error: 'INTERNAL' })).toEqual([expect.stringContaining('error: cni has no code "INTERNAL"')]);
  });

  test('lets only watches lag, all of them', () => {
    expect(messages({ on: 'cri', lag: '1s' })).toEqual(['on: only watches of the API server can lag; write "on: api.watch"']);
    expect(messages({ on: 'api', cut: true, times: 2 })).toEqual([expect.stringContaining('times: "times" chooses calls')]);
  });

  test('is stale in reads of the API server only', () => {
    const message = 'on: only reads of the API server can be stale; write "on: api" for what may be old in Kubernetes, or "on: api.List"';
    for (const on of ['*', 'cloud', 'api.watch']) expect([on, messages({ on, stale: '1s' })]).toEqual([on, [message]]);
    expect(messages({ on: 'cri', coalesce: '1s' })).toEqual(['on: only watches of the API server can be coalesced; write "on: api.watch"']);
  });

  test('has a share of one at the most', () => {
    expect(messages({ on: 'cni', hang: true, rate: '5/4' })).toEqual(['rate: 5/4 is no share; write for example 1/4']);
  });
});

describe('a fault of a machine', () => {
  test.each([{ freeze: true as const }, { clock: '-30s' }, { disk: 'full' as const }, { memory: '50Mi' }])('%j is good', (fault) =>
    expect(checkNodeFault(fault)).toEqual([]),
  );

  test('is one thing, and an amount that there is', () => {
    expect(checkNodeFault({})).toMatchObject([{ path: [], message: 'nothing is wrong with the machine' }]);
    expect(checkNodeFault({ freeze: true, memory: '1Mi' })).toMatchObject([
      { path: ['memory'], message: '"freeze" and "memory" are two things that go wrong' },
    ]);
    expect(checkNodeFault({ memory: 'little' })).toMatchObject([
      { path: ['memory'], message: '"little" is no amount of memory', fix: 'write for example 50Mi' },
    ]);
  });
});
