import { describe, expect, test } from 'vitest';
import type { FaultDocument } from '../scenario/schema.ts';
import { checkFault, matchCalls } from './check-fault.ts';

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

  test('has a share of one at the most', () => {
    expect(messages({ on: 'cni', hang: true, rate: '5/4' })).toEqual(['rate: 5/4 is no share; write for example 1/4']);
  });
});
