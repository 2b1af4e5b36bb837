import type { Leak, LeakSource } from '../../wiring/leaks.ts';
import { callerOutside, placeOf } from './caller.ts';
import type { LeakKind } from './kinds.ts';

/** One process runs one world at a time, and its guards are for all of it. */
interface Notes {
  /** The world that runs. */
  listener: ((key: string, leak: Leak) => void) | undefined;
  /** By the URL of the module, then by place: what it did while it was loaded, and when a world was made only to try it. */
  readonly early: Map<string, Map<string, Leak>>;
  /** URLs of modules that have been loaded, and of each by what they export. */
  readonly loaded: Set<string>;
  readonly modules: WeakMap<object, string>;
}

const NOTES = Symbol.for('@slipway/leaks');

function notes(): Notes {
  const shared = globalThis as unknown as { [NOTES]?: Notes };
  return (shared[NOTES] ??= { listener: undefined, early: new Map(), loaded: new Set(), modules: new WeakMap() });
}

/**
 * To be called by a guard, and by nobody between.
 *
 * @param what was called, as one writes it: `Date.now`
 */
export function note(what: string, { invariant, does, instead }: LeakKind): void {
  const caller = callerOutside(note);
  if (!caller) return;
  const place = placeOf(caller);
  if (place === undefined) return;
  const { listener, early, loaded } = notes();
  const key = `${place} ${what}`;
  const message = `${place} ${does}${loaded.has(caller.url) ? '' : ' while it loads'} (${what}): ${instead}`;
  if (listener) return listener(key, { invariant, message });
  let leaks = early.get(caller.url);
  if (!leaks) early.set(caller.url, (leaks = new Map()));
  if (!leaks.has(key)) leaks.set(key, { invariant, message });
}

/** A module is about to be loaded: what leaks now is no running world's. */
export function beforeLoading(): void {
  notes().listener = undefined;
}

/** Remembers which module something comes from, so that a world with it can be told what happened while it was loaded. */
export function rememberModule(exported: unknown, url: string): void {
  const { loaded, modules } = notes();
  loaded.add(url);
  for (const one of [exported, ...(Array.isArray(exported) ? (exported as unknown[]) : [])])
    if ((typeof one === 'object' && one !== null) || typeof one === 'function') modules.set(one, url);
}

/** What a world made of these has to know of the real world. @param exported what somebody's own modules export */
export function leaksOf(exported: Iterable<object>): LeakSource {
  const { early, modules } = notes();
  const urls = new Set([...exported].flatMap((one) => modules.get(one) ?? []));
  return {
    listen(onLeak) {
      const told = new Set<string>();
      const once = (key: string, leak: Leak): void => {
        if (told.has(key)) return;
        told.add(key);
        onLeak(leak);
      };
      notes().listener = once;
      for (const url of urls) for (const [key, leak] of early.get(url) ?? []) once(key, leak);
    },
  };
}
