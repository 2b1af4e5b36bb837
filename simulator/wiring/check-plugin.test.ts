import { describe, expect, it } from 'vitest';
import { checkPlugin, checkServices } from './check-plugin.ts';

const identity = { getPluginInfo() {}, getPluginCapabilities() {}, probe() {} };
const plugin = (kind: string, more: object = {}): object => ({ interface: kind, name: 'mine', create() {}, ...more });
const services = (kind: string, made: unknown): (() => void) => {
  return () => checkServices(checkPlugin(plugin(kind), './mine.ts') as never, made);
};

/** Message and fix of what was refused. */
function refusal(action: () => unknown): readonly [string, string | undefined] {
  try {
    action();
  } catch (error) {
    const { name, message, fix } = error as { name: string; message: string; fix?: string };
    expect(name).toBe('PluginError');
    return [message, fix];
  }
  return ['nothing was refused', undefined];
}

describe('a plugin that is loaded', () => {
  it('has known keys only', () => {
    const refused = (more: object): unknown => refusal(() => checkPlugin(plugin('cni', more), './mine.ts'));
    expect(refused({ latncy: {} })).toEqual(['./mine.ts: latncy is unknown in a plugin', 'did you mean latency?']);
    expect(refused({ colour: 'red' })).toEqual([
      './mine.ts: colour is unknown in a plugin',
      'a plugin has interface, name, description, options, latency, manifests, definitions, agent, create',
    ]);
    const full = { description: '', options: undefined, latency: {}, manifests: [], definitions: [], agent() {} };
    expect(checkPlugin(plugin('cni', full), './mine.ts')).toMatchObject({ name: 'mine' });
  });

  it('has a latency of its methods, in spans of time', () => {
    const refused = (kind: string, latency: unknown): unknown => refusal(() => checkPlugin(plugin(kind, { latency }), './mine.ts'));
    expect(refused('csi', { nodePublishVolum: '1ms' })).toEqual([
      './mine.ts: latency.nodePublishVolum is of no method',
      'did you mean nodePublishVolume?',
    ]);
    expect(refused('csi', { nodePublishVolume: '30msx' })).toEqual([
      './mine.ts: latency["nodePublishVolume"]: "30msx" is no duration',
      "write for example '2ms' or '8ms..20ms'",
    ]);
    for (const span of ['5 ms', '9ms..2ms', '1ms..2ms..3ms', -1, Number.NaN, null, {}, { min: 2, max: 1 }])
      expect(refused('cni', { add: span })).toEqual([expect.stringContaining('./mine.ts: latency["add"]: '), expect.any(String)]);
    expect(refused('cni', '5ms')).toEqual(['./mine.ts: latency is "5ms"', "write latency: { add: '8ms..20ms', '*': '1ms' }"]);
    expect(refused('scheduler', { '*': '1ms' })).toEqual(['./mine.ts: no call has this latency', 'remove latency; let its code sleep']);
    for (const latency of [{ add: '8ms..20ms', '*': 5 }, { del: { min: 1, max: 2 } }])
      expect(checkPlugin(plugin('cni', { latency }), './mine.ts')).toMatchObject({ latency });
  });
});

describe('what create returns', () => {
  const controller = { controllerGetCapabilities() {}, validateVolumeCapabilities() {} };

  it('has nothing that is nearly called like a method or a part which is missing', () => {
    class Base {
      createVolum(): void {}
    }
    class Driver extends Base {
      controllerGetCapabilities(): void {}
    }
    const wrong = ['csi plugin "mine": createVolum is no method of csi.v1.Controller', 'did you mean createVolume?'];
    expect(refusal(services('csi', { identity, controller: { ...controller, createVolum() {} } }))).toEqual(wrong);
    expect(refusal(services('csi', { identity, controller: new Driver() }))).toEqual(wrong);
    expect(refusal(services('csi', { identity, contoller: controller }))).toEqual([
      'csi plugin "mine": contoller is no part of what create returns',
      'did you mean controller?',
    ]);
  });

  it('may have whatever is like nothing, or like what is there', () => {
    class Network {
      readonly pool = [];
      add(): void {}
      del(): void {}
      added(): void {}
      take(): void {}
    }
    expect(services('cni', new Network())).not.toThrow();
    expect(services('csi', { identity, controller: { ...controller, createVolume() {}, createVolumes() {}, volumes: [] } })).not.toThrow();
  });

  it('has every method that the interface requires', () => {
    expect(refusal(services('cni', { addd() {}, del() {} }))[0]).toBe('cni plugin "mine" lacks the method add');
  });
});
