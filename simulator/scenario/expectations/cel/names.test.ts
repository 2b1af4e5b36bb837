import { kinds } from '@slipway/kube';
import { expect, it, test } from 'vitest';
import { camelPlural, kindsByName } from './names.ts';

test.each([
  ['Pod', 'pods'],
  ['VolumeAttachment', 'volumeAttachments'],
  ['PersistentVolumeClaim', 'persistentVolumeClaims'],
  ['EndpointSlice', 'endpointSlices'],
  ['StorageClass', 'storageClasses'],
  ['NetworkPolicy', 'networkPolicies'],
  ['CSINode', 'csiNodes'],
  ['CSIStorageCapacity', 'csiStorageCapacities'],
  ['Endpoints', 'endpoints'],
])('names: objects of kind %s are called %s', (kind, plural) => {
  const found = kinds.find((each) => each.kind === kind);
  expect(found && camelPlural(found)).toBe(plural);
});

it('names: every built-in kind has one of its own, and the plural of URLs', () => {
  const names = kindsByName(kinds);
  for (const kind of kinds) {
    expect(names.get(kind.plural)).toBe(kind);
    expect(names.get(camelPlural(kind))).toBe(kind);
    expect(camelPlural(kind).toLowerCase()).toBe(kind.plural);
  }
});
