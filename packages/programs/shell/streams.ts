import { Mailbox, type Process } from '@slipway/kernel';
import { ExitJump } from './jumps.ts';

/** Where output goes. */
export interface Sink {
  write(text: string): void;
}

/** Where input comes from. Ends with undefined. */
export interface Source {
  /** The next piece, which ends in a newline unless it is the last. */
  line(): Process<string | undefined>;
}

/** Input that is there from the start. */
export class TextSource implements Source {
  #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  *line(): Process<string | undefined> {
    if (this.#text === '') return undefined;
    const end = this.#text.indexOf('\n') + 1 || this.#text.length;
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end);
    return line;
  }
}

/** Output kept for whoever ran the command. */
export class TextSink implements Sink {
  text = '';

  write(text: string): void {
    this.text += text;
  }
}

/** Output in whole lines, as a container's log has it. */
export class LineSink implements Sink {
  readonly #print: (line: string) => void;
  #open = '';

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  write(text: string): void {
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop() ?? '';
    for (const line of lines) this.#print(line);
  }

  /** Prints what has no newline yet. */
  flush(): void {
    if (this.#open !== '') this.#print(this.#open);
    this.#open = '';
  }
}

/** One command's output as another's input, while both run. */
export class Pipe implements Sink, Source {
  readonly #mail = new Mailbox<string | undefined>('pipe');
  #open = '';
  #ended = false;
  #abandoned = false;

  /** Ends the writer when nobody reads any more, as SIGPIPE does. */
  write(text: string): void {
    if (this.#abandoned) throw new ExitJump(141);
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop() ?? '';
    for (const line of lines) this.#mail.send(`${line}\n`);
  }

  /** The writer has ended. */
  end(): void {
    if (this.#open !== '') this.#mail.send(this.#open);
    this.#mail.send(undefined);
  }

  /** The reader has ended. */
  abandon(): void {
    this.#abandoned = true;
  }

  *line(): Process<string | undefined> {
    if (this.#ended) return undefined;
    const line = yield* this.#mail.receive();
    if (line === undefined) this.#ended = true;
    return line;
  }
}

/** All input up to its end. */
export function* readAll(source: Source): Process<string> {
  let text = '';
  for (;;) {
    const line = yield* source.line();
    if (line === undefined) return text;
    text += line;
  }
}
