import { createInterface, emitKeypressEvents, type Key } from 'node:readline';
import type { ReadStream } from 'node:tty';
import { ARROWS } from '../../step/index.ts';
import { ARROW_KEYS } from './commands.ts';

/** Where commands come from, each as a line. */
export interface CommandSource {
  /** The next one; undefined when there are no more. */
  next(): Promise<string | undefined>;
  close(): void;
}

/** Where keys or lines come from: standard input, or any other stream. */
export type CommandInput = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** Single keys where somebody sits at a terminal, lines from a file or pipe. */
export function commandSource(input: CommandInput, print: (text: string) => void): CommandSource {
  return isTerminal(input) ? new KeySource(input, print) : new LineSource(input, print);
}

const isTerminal = (input: CommandInput): input is ReadStream => input.isTTY === true;

/** Lines; each is repeated on the output, so that a recorded session can be read. */
class LineSource implements CommandSource {
  readonly #lines: AsyncIterator<string>;
  readonly #reader;
  readonly #print: (text: string) => void;

  constructor(input: NodeJS.ReadableStream, print: (text: string) => void) {
    this.#reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    this.#lines = this.#reader[Symbol.asyncIterator]();
    this.#print = print;
  }

  async next(): Promise<string | undefined> {
    const { value, done } = await this.#lines.next();
    if (done === true) return undefined;
    this.#print(`> ${value}`);
    return value;
  }

  close(): void {
    this.#reader.close();
  }
}

/** Keys; what needs words is asked for. */
class KeySource implements CommandSource {
  readonly #input: ReadStream;
  readonly #print: (text: string) => void;
  /** Keys that were pressed before they were asked for. */
  readonly #pressed: string[] = [];
  #onKey: (() => void) | undefined;
  readonly #listen = (text: string | undefined, key: Key): void => {
    const isInterrupt = key.ctrl === true && (key.name === 'c' || key.name === 'd');
    this.#pressed.push(isInterrupt ? 'q' : (text ?? ''));
    this.#onKey?.();
  };

  constructor(input: ReadStream, print: (text: string) => void) {
    this.#input = input;
    this.#print = print;
    emitKeypressEvents(input);
    input.on('keypress', this.#listen);
  }

  async next(): Promise<string | undefined> {
    const key = await this.#key();
    this.#print('');
    switch (key) {
      case ' ':
      case '\r':
      case '\n':
        return 'n';
      case 'f':
        return await this.#fault();
      case 'p':
        return `p ${await this.#ask('only calls about (empty: all): ')}`;
      case 'w':
        return `w ${await this.#ask('write to (empty: beside the scenario): ')}`;
      default:
        return key === '' ? '#' : key;
    }
  }

  close(): void {
    this.#input.off('keypress', this.#listen);
    this.#input.pause();
  }

  async #fault(): Promise<string> {
    this.#print('what goes wrong?');
    for (const [key, arrow] of ARROW_KEYS) this.#print(`  ${key}  ${arrow.padEnd(9)}  ${ARROWS[arrow]}`);
    this.#print('  any other key: nothing');
    const arrow = ARROW_KEYS.get(await this.#key());
    return arrow === undefined ? '#' : `f ${arrow}`;
  }

  /** Keys are keys only while one is awaited: at any other time, Ctrl+C has to end even a run that never comes to rest. */
  async #key(): Promise<string> {
    if (this.#pressed.length === 0) {
      this.#input.setRawMode(true);
      this.#input.resume();
      await new Promise<void>((resolve) => {
        this.#onKey = resolve;
      });
      this.#input.setRawMode(false);
    }
    return this.#pressed.shift() ?? '';
  }

  /** A line of text, with the terminal's own editing. */
  async #ask(question: string): Promise<string> {
    this.#input.off('keypress', this.#listen);
    const reader = createInterface({ input: this.#input, output: process.stdout });
    const answer = await new Promise<string>((resolve) => {
      reader.question(question, resolve);
      reader.once('close', () => resolve(''));
    });
    reader.close();
    this.#input.on('keypress', this.#listen);
    return answer;
  }
}
