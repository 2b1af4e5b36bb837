import type { Search } from '../../fuzz/index.ts';

/** How often the line is written anew, in milliseconds. */
const PERIOD = 200;

/** One line on a terminal that says how far a search has come: nothing where nobody watches. */
export class Progress {
  readonly #search: Search;
  readonly #isOn: boolean;
  readonly #start = performance.now();
  #last = 0;

  constructor(search: Search, isJson: boolean) {
    this.#search = search;
    this.#isOn = !isJson && process.stderr.isTTY;
  }

  show(): void {
    const now = performance.now();
    if (!this.#isOn || now - this.#last < PERIOD) return;
    this.#last = now;
    const { runs, fired, found } = this.#search;
    const rate = Math.round((1_000 * runs) / (now - this.#start));
    const faults = [...fired.values()].reduce((sum, count) => sum + count, 0);
    this.say(`${runs} cases, ${rate} a second, ${faults} faults, ${found.length} broken`);
  }

  say(text: string): void {
    if (this.#isOn) process.stderr.write(`\r\u001b[2K${text}`);
  }

  clear(): void {
    this.say('');
  }
}
