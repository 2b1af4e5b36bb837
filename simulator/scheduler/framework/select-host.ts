/**
 * The index of the best node. Ties are not drawn: upstream builds a max-heap over the list (Go's `container/heap`) and takes its
 * root, so the winner is a matter of heap position. Source: `pkg/scheduler/schedule_one.go` nodeScoreHeap.
 *
 * @param scores total scores in list order; at least one
 */
export function selectHost(scores: readonly number[]): number {
  return heapify(scores)[0] ?? 0;
}

/** All indices in the order in which they come off the heap: the chosen node, the next best, and so on. */
export function hostOrder(scores: readonly number[]): readonly number[] {
  const heap = heapify(scores);
  const order: number[] = [];
  for (let last = heap.length - 1; last >= 0; last--) {
    swap(heap, 0, last);
    siftDown(heap, scores, 0, last);
    order.push(heap[last] ?? 0);
  }
  return order;
}

function heapify(scores: readonly number[]): number[] {
  const heap = scores.map((_, index) => index);
  for (let start = (heap.length >> 1) - 1; start >= 0; start--) siftDown(heap, scores, start, heap.length);
  return heap;
}

/** Go's `down`: the right child wins only if it is strictly better than the left one, a child rises only if strictly better. */
function siftDown(heap: number[], scores: readonly number[], start: number, end: number): void {
  const scoreAt = (position: number): number => scores[heap[position] ?? 0] ?? 0;
  let parent = start;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= end) return;
    if (child + 1 < end && scoreAt(child + 1) > scoreAt(child)) child += 1;
    if (scoreAt(child) <= scoreAt(parent)) return;
    swap(heap, parent, child);
    parent = child;
  }
}

function swap(heap: number[], a: number, b: number): void {
  const kept = heap[a] ?? 0;
  heap[a] = heap[b] ?? 0;
  heap[b] = kept;
}
