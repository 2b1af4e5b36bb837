import { DATE, CLOCK, LANGUAGE, ZONE } from './kinds.ts';
import { guardFunctions } from './guard.ts';
import { note } from './notes.ts';

/** A time without a zone is read as one of the host's; a date alone is UTC. */
const WITHOUT_ZONE = /\d:\d\d(:\d\d(\.\d+)?)?\s*$/;
const isLocal = (given: readonly unknown[]): boolean => given.length > 1 || (typeof given[0] === 'string' && WITHOUT_ZONE.test(given[0]));
const PARTS = ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'];

/** A function in the place of the global one: many more dates are made of numbers than of the clock, and these have to be made fast. */
export function guardDate(): void {
  const Original = Date;
  function Guarded(...given: unknown[]): unknown {
    if (new.target === undefined) {
      note('Date()', DATE);
      return Original();
    }
    if (given.length === 0) note('new Date()', DATE);
    else if (isLocal(given)) note('new Date(…)', ZONE);
    return Reflect.construct(Original, given, new.target === (Guarded as unknown) ? Original : new.target) as object;
  }
  for (const name of Reflect.ownKeys(Original)) {
    const descriptor = Object.getOwnPropertyDescriptor(Original, name);
    if (descriptor) Object.defineProperty(Guarded, name, descriptor);
  }
  guardFunctions(Guarded, 'Date.', ['now'], CLOCK);
  guardFunctions(Guarded, 'Date.', ['parse'], ZONE, isLocal);
  const { prototype } = Original;
  Object.defineProperty(prototype, 'constructor', { value: Guarded, writable: true, enumerable: false, configurable: true });
  const local = [...PARTS.flatMap((part) => (part === 'Milliseconds' ? [] : [`get${part}`, `set${part}`])), 'getDay', 'getYear', 'setYear'];
  guardFunctions(prototype, 'Date.prototype.', [...local, 'getTimezoneOffset', 'toString', 'toDateString', 'toTimeString'], ZONE);
  const named = ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'];
  guardFunctions(prototype, 'Date.prototype.', named, LANGUAGE, ([locale]) => locale === undefined);
  Object.defineProperty(globalThis, 'Date', { value: Guarded, writable: true, enumerable: false, configurable: true });
}
