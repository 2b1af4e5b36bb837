import { memoryDriver, memoryPlugin } from '@slipway/csi/testing';
import type { Host } from '@slipway/host';
import { describe, expect, it } from 'vitest';
import { csiSubject } from './index.ts';
import { type Made, pluginForm } from './plugin-forms.ts';

/** One class with the methods of all services, as a first driver is written; it forgets nothing while its object lives. */
class WholeDriver {
  readonly #names = new Map<string, string>();
  getPluginInfo() {
    return { name: 'whole.example.com', vendorVersion: '1' };
  }
  getPluginCapabilities() {
    return { capabilities: [{ service: { type: 'CONTROLLER_SERVICE' as const } }] };
  }
  probe() {
    return { ready: true };
  }
  controllerGetCapabilities() {
    return { capabilities: [{ rpc: { type: 'CREATE_DELETE_VOLUME' as const } }] };
  }
  createVolume({ name }: { readonly name: string }) {
    const volumeId = this.#names.get(name) ?? `id-of-${name}`;
    this.#names.set(name, volumeId);
    return { volume: { volumeId, capacityBytes: 10 * 2 ** 30 } };
  }
  nodeGetInfo() {
    return { nodeId: 'somewhere' };
  }
  nodeGetCapabilities() {
    return {};
  }
}

const request = { name: 'a', volumeCapabilities: [{ mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' as const } }] };

describe('forms of a plugin', () => {
  const forms: Readonly<Record<string, readonly [driver: Made<'csi'>, restarts: 'fresh' | 'kept']>> = {
    'a plugin of definePlugin': [memoryPlugin(), 'fresh'],
    'a function that makes a plugin': [() => memoryPlugin(), 'fresh'],
    'the services, with a node for each machine': [() => memoryDriver(() => 0n), 'kept'],
    'one object with all methods': [() => new WholeDriver(), 'kept'],
    'a function of the context': [({ host }) => memoryOf(host), 'fresh'],
  };

  it.each(Object.keys(forms))('%s: its volumes can be made', async (name) => {
    const [driver, restarts] = forms[name] as (typeof forms)[string];
    const form = pluginForm('csi', driver);
    expect(form.restarts).toBe(restarts);
    const subject = csiSubject(form.plugin);
    if (!subject.controller) throw new Error('no controller');
    const { volume } = await subject.settle(subject.controller.createVolume(request));
    expect(volume.volumeId).not.toBe('');
    expect(subject.nodes.map(({ node }) => node !== undefined)).toEqual([true, true]);
  });
});

function memoryOf(host: Host | undefined) {
  const { identity, controller, node } = memoryDriver(() => 0n);
  return host ? { identity, node: node(host) } : { identity, controller };
}
