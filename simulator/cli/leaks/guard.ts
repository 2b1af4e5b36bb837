import { note } from './notes.ts';
import type { LeakKind } from './kinds.ts';

/** Something of the host with functions or values in it. */
export type Holder = object | undefined;

/** Which calls of a function take something from the host. Left out: all. */
export type When = (given: readonly unknown[]) => boolean;

type Callable = (...given: never[]) => unknown;

/**
 * Puts guards before functions: they do the same as before for everybody, and note who called them. What is not there is passed over.
 *
 * @param title what stands before their names: `Date.`
 */
export function guardFunctions(holder: Holder, title: string, names: readonly string[], kind: LeakKind, when?: When): void {
  if (!holder) return;
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (!descriptor || typeof descriptor.value !== 'function') continue;
    change(holder, name, { ...descriptor, value: guarded(descriptor.value as Callable, `${title}${name}`, kind, when) });
  }
}

function guarded(original: Callable, what: string, kind: LeakKind, when: When | undefined): Callable {
  return new Proxy(original, {
    apply(target, self, given) {
      if (!when || when(given)) note(what, kind);
      return Reflect.apply(target, self, given);
    },
    construct(target, given, made) {
      if (!when || when(given)) note(what, kind);
      return Reflect.construct(target, given, made) as object;
    },
  });
}

/** Puts guards before values, and before getters. */
export function guardValues(holder: Holder, title: string, names: readonly string[], kind: LeakKind): void {
  if (!holder) return;
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    if (!descriptor) continue;
    const { enumerable = true, configurable, get, set } = descriptor;
    if (!configurable) continue;
    const what = `${title}${name}`;
    let { value } = descriptor as { value: unknown };
    change(holder, name, {
      enumerable,
      configurable,
      get(this: unknown) {
        note(what, kind);
        return get ? Reflect.apply(get, this, []) : value;
      },
      ...(set || descriptor.writable
        ? {
            set(this: unknown, next: unknown) {
              if (set) Reflect.apply(set, this, [next]);
              else value = next;
            },
          }
        : {}),
    });
  }
}

function change(holder: object, name: string, descriptor: PropertyDescriptor): void {
  // What cannot be changed stays as it is: a guard less is no harm.
  Reflect.defineProperty(holder, name, descriptor);
}
