import { decode, digestOf, encode } from '../../digest.ts';
import { type Digest, type Index, mediaTypes, STANDS_FOR } from '../../image/contract.ts';
import { type BuiltImage, buildImage, contentOf } from './build.ts';
import { bases, type ImageRecipe, MB, PATH } from './recipe.ts';

/** An image of which only the name is known: a middling size that follows from the name, and a program that whoever runs it must model. */
export function synthesiseRecipe(name: string): ImageRecipe {
  const hash = digestOf(encode(name)).slice('sha256:'.length);
  const number = (at: number): number => Number.parseInt(hash.slice(at * 4, at * 4 + 4), 16) / 0xffff;
  return {
    name,
    tags: ['latest'],
    base: bases.debian,
    own: [5 * MB + number(0) * 60 * MB, 1 * MB + number(1) * 30 * MB, number(2) * MB].map(Math.round),
    config: { Env: [PATH], Entrypoint: ['/entrypoint'], WorkingDir: '/' },
  };
}

/** The image of a recipe, wrapped so that it may be handed out for a digest that it has not. See `STANDS_FOR`. */
export function standIn(recipe: ImageRecipe, digest: Digest): BuiltImage {
  const image = buildImage(recipe, 'latest');
  const index = JSON.parse(decode(image.index.content)) as Index;
  const said = contentOf(mediaTypes.imageIndex, { ...index, annotations: { [STANDS_FOR]: digest } });
  return { ...image, index: { ...said, digest } };
}
