import type { Node } from '@slipway/kube';
import type { ImageState } from './node-info.ts';

class Spread implements ImageState {
  readonly sizeBytes: number;
  readonly nodes = new Set<string>();

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  get nodeCount(): number {
    return this.nodes.size;
  }
}

/** Which images are on how many nodes. The size is what the first node that had the image said. */
export class ImageStates {
  readonly #spreads = new Map<string, Spread>();

  /** Takes in what a node holds now, and returns the states of its images by name. */
  update(node: Node, before: ReadonlyMap<string, ImageState>): ReadonlyMap<string, ImageState> {
    const { name } = node.metadata;
    const states = new Map<string, ImageState>();
    for (const image of node.status?.images ?? []) {
      for (const imageName of image.names ?? []) {
        let spread = this.#spreads.get(imageName);
        if (!spread) {
          spread = new Spread(image.sizeBytes ?? 0);
          this.#spreads.set(imageName, spread);
        }
        spread.nodes.add(name);
        states.set(imageName, spread);
      }
    }
    for (const imageName of before.keys()) if (!states.has(imageName)) this.#forget(imageName, name);
    return states;
  }

  remove(nodeName: string, images: ReadonlyMap<string, ImageState>): void {
    for (const imageName of images.keys()) this.#forget(imageName, nodeName);
  }

  #forget(imageName: string, nodeName: string): void {
    const spread = this.#spreads.get(imageName);
    spread?.nodes.delete(nodeName);
    if (spread?.nodes.size === 0) this.#spreads.delete(imageName);
  }
}
