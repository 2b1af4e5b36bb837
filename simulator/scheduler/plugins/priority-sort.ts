import type { QueueSortPlugin } from '../framework/types.ts';

/** Higher priority first, then who has waited longer. Source: `plugins/queuesort/priority_sort.go`. */
export const prioritySort: QueueSortPlugin = {
  name: 'PrioritySort',
  less(a, b) {
    if (a.podInfo.priority !== b.podInfo.priority) return a.podInfo.priority > b.podInfo.priority;
    return a.timestamp < b.timestamp;
  },
};
