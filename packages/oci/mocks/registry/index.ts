export { catalogue } from './catalogue/index.ts';
export type { Account, OciRegistryOptions } from './options.ts';
export type { ImageRecipe, LayerRecipe } from './recipe.ts';
export { OciRegistry } from './registry.ts';
