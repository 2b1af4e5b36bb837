import type { ImageRecipe } from '../recipe.ts';
import { boutiqueImages } from './boutique.ts';
import { dataImages } from './data.ts';
import { systemImages } from './system.ts';
import { toolImages } from './tools.ts';
import { webImages } from './web.ts';

/** Every image that the registry knows without being told. */
export const catalogue: readonly ImageRecipe[] = [...systemImages, ...webImages, ...dataImages, ...toolImages, ...boutiqueImages];
