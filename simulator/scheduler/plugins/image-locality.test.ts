import { expect, test } from 'vitest';
import { cacheOf, stateFor } from '../testing/profiles.ts';
import { makeNode, makePod } from '../testing/objects.ts';
import { imageLocality, imageScore, normalizedImageName } from './image-locality.ts';

const MIB = 1024 * 1024;

test('imageScore: the golden vectors', () => {
  expect([20, 23, 100, 150, 300].map((mebibytes) => imageScore(mebibytes * MIB, 1))).toEqual([0, 0, 7, 12, 28]);
  expect([500, 2000].map((mebibytes) => imageScore(mebibytes * MIB, 2))).toEqual([24, 100]);
});

test('normalizedImageName: a tag is added unless there is one; a port is no tag', () => {
  expect(['nginx', 'nginx:1', 'host:5000/nginx', 'host:5000/nginx:1'].map(normalizedImageName)).toEqual([
    'nginx:latest',
    'nginx:1',
    'host:5000/nginx:latest',
    'host:5000/nginx:1',
  ]);
});

test('ImageLocality: an image on half of the nodes counts half', () => {
  const images = [{ names: ['app:1'], sizeBytes: 600 * MIB }];
  const pod = makePod('a');
  const state = stateFor(pod, cacheOf([makeNode('a', { images }), makeNode('b')]));
  expect(state.snapshot.nodes.map((nodeInfo) => imageLocality.score(pod, nodeInfo, state))).toEqual([imageScore(300 * MIB, 1), 0]);
});
