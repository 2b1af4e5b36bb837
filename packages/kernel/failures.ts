import { messageOf } from './contract.ts';
import type { Task } from './task.ts';
import { formatDuration, type Micros } from './time.ts';

/** An error in a process that nobody waited for, and whose owner has no `onCrash`. */
export class ProcessCrash extends Error {
  override readonly name = 'ProcessCrash';

  constructor(task: Task, at: Micros, cause: unknown) {
    super(`process ${task.name} of ${task.owner.name} failed at ${formatDuration(at)}: ${messageOf(cause)}`, { cause });
  }
}

/** Nothing is left to happen, or time is up, and a process that should have ended still waits. */
export class DeadlockError extends Error {
  override readonly name = 'DeadlockError';

  constructor(task: Task, at: Micros, why: string) {
    super(`process ${task.name} of ${task.owner.name} has not ended at ${formatDuration(at)} and ${why}\n${waitingList(task)}`);
  }
}

/** Far too much happened at one instant. */
export class RunawayError extends Error {
  override readonly name = 'RunawayError';

  constructor(who: string, limit: number, at: Micros) {
    super(
      `${who} took more than ${limit} steps at one instant (${formatDuration(at)}): a loop that never lets time pass? Put a sleep into it.`,
    );
  }
}

/** Who waits for what, among the processes of one owner. */
function waitingList(task: Task): string {
  const lines = [...new Set([task, ...task.owner.tasks])].map((each) => {
    const what = each.waitingFor?.what ?? (each.state === 'waiting' ? 'a timer' : 'its turn');
    return `  ${each.name} waits for ${what}`;
  });
  const shown = lines.slice(0, 20);
  return [...shown, ...(lines.length > shown.length ? [`  … and ${lines.length - shown.length} more`] : [])].join('\n');
}
