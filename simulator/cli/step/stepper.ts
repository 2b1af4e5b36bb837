import { formatDuration } from '@slipway/kernel';
import { suggestion } from '@slipway/kube/schema';
import pc from 'picocolors';
import { clock, COLUMNS, wrap } from '../../explain/wording.ts';
import type { SourceText } from '../../manifests/yaml-source.ts';
import { aboutOf, ARROWS, type CallStop, type Injection, INTERFACES, NotHere, stepLine, StepSession, type Stop } from '../../step/index.ts';
import { EXIT } from '../exit-codes.ts';
import { print as printReport, reportOf } from '../run.ts';
import type { LoadedScenario } from '../input/scenario-input.ts';
import { type Command, KEYS, parseCommand } from './commands.ts';
import { attempts, type StepOptions, usualFile, type WorldAttempt, writeScenario } from './step-scenario.ts';
import { outcomeText, stopText } from './stop-text.ts';

/** A session at a terminal: does what it is told and prints where it stands. */
export class Stepper {
  readonly #loaded: LoadedScenario;
  readonly #source: SourceText;
  readonly #options: StepOptions;
  readonly #print: (text: string) => void;
  readonly #session: StepSession<WorldAttempt>;
  /** Only stops about this. */
  #only: string | undefined;
  readonly #written = new Set<string>();
  #exitCode: number = EXIT.held;
  /** Real time that runs have taken, without the time in which somebody thought. */
  #wallMs = 0;

  constructor(loaded: LoadedScenario, source: SourceText, options: StepOptions, print: (text: string) => void) {
    this.#loaded = loaded;
    this.#source = source;
    this.#options = options;
    this.#print = print;
    this.#session = new StepSession(attempts(loaded, options));
  }

  /** Of the run as it was last seen to its end; 0 if it never was. */
  get exitCode(): number {
    return this.#exitCode;
  }

  /** Stands at the first step: what brings a cluster up is a story of its own. */
  async begin(): Promise<void> {
    const { name, teaches } = this.#loaded.scenario;
    this.#print(pc.bold(`scenario ${name}`));
    for (const line of wrap(teaches, COLUMNS)) this.#print(line);
    this.#print(pc.dim(KEYS.map(({ key, short }) => `${key} ${short}`).join('  ')));
    this.#print('');
    const [first] = this.#loaded.scenario.steps;
    if (!first || (first.at ?? 0) > (this.#options.until ?? Number.POSITIVE_INFINITY)) return this.#tell();
    await this.#goOn(isStep);
    const passed = this.#session.index - 1;
    if (passed > 0) this.#print(`${INDENT}(${passed} calls before this were passed: b goes back to the beginning)`);
  }

  /** @returns false to quit. */
  async obey(line: string): Promise<boolean> {
    const command = parseCommand(line);
    if (command.do === 'quit') return false;
    try {
      await this.#do(command);
    } catch (error) {
      const { name, message, fix } = error as { readonly name?: string; readonly message: string; readonly fix?: string };
      if (!(error instanceof NotHere) && name !== 'UsageError' && name !== 'InputError') throw error;
      const [first = '', ...more] = wrap(message, COLUMNS - 'cannot: '.length);
      this.#print(`${pc.red('cannot:')} ${first}`);
      for (const line of [...more, ...(fix === undefined ? [] : wrap(fix, COLUMNS - 2))]) this.#print(`  ${line}`);
    }
    return true;
  }

  async #do(command: Exclude<Command, { readonly do: 'quit' }>): Promise<void> {
    switch (command.do) {
      case 'next':
        return await this.#goOn((stop) => this.#isWanted(stop));
      case 'step':
        return await this.#goOn(isStep);
      case 'finish':
        return await this.#goOn(() => false);
      case 'back':
        await this.#session.back();
        return this.#tell();
      case 'only':
        return this.#stopOnlyAt(command.name);
      case 'inject':
        return await this.#inject(command.injection);
      case 'undo':
        return await this.#undo();
      case 'write':
        return await this.#write(command.file ?? usualFile(this.#source.file));
      case 'help':
        return this.#help();
      case 'unknown':
        return this.#print(command.message);
      default:
    }
  }

  async #goOn(wanted: (stop: Stop) => boolean): Promise<void> {
    const session = this.#session;
    if (session.outcome) throw new NotHere('this is the end: b goes back, w writes the scenario, q quits');
    const start = performance.now();
    await session.next(wanted);
    this.#wallMs += performance.now() - start;
    for (const outcome of session.news()) for (const line of outcomeText(outcome)) this.#print(line);
    this.#tell();
  }

  #tell(): void {
    const { stop, outcome } = this.#session;
    if (outcome) return this.#end();
    if (!stop) return this.#print(`${INDENT}the beginning: the cluster is about to come up`);
    const lines = stopText(stop, (call) => ({ callees: this.#session.calleesOf(call), around: this.#session.around(call) }));
    for (const line of lines) this.#print(line);
  }

  #end(): void {
    const { attempt, outcome } = this.#session;
    if (!outcome) return;
    const report = reportOf(this.#loaded.scenario, attempt.world, outcome, Math.round(this.#wallMs));
    this.#exitCode = report.passed ? EXIT.held : EXIT.failed;
    this.#print(`${clock(attempt.kernel.now).padStart(10)}  the end`);
    printReport(report, this.#loaded.scenario, {});
  }

  async #inject(injection: Injection): Promise<void> {
    const { step } = await this.#session.inject(injection);
    this.#print(`set: ${ARROWS[injection.arrow]}`);
    for (const line of wrap(stepLine(step), COLUMNS - 5)) this.#print(`     ${line}`);
  }

  async #undo(): Promise<void> {
    const { injection } = await this.#session.undo();
    this.#print(`taken back: ${injection.arrow}`);
    this.#tell();
  }

  async #write(file: string): Promise<void> {
    const { scenario } = this.#loaded;
    const { settings, until } = this.#options;
    await writeScenario(file, this.#source, { scenario, session: this.#session, settings }, this.#written.has(file));
    this.#written.add(file);
    const count = this.#session.injected.length;
    this.#print(`written with ${count === 0 ? 'no fault' : count === 1 ? 'one fault' : `${count} faults`}: the same run is`);
    this.#print(`  slipway run ${file}${until === undefined ? '' : ` --until ${formatDuration(until)}`}`);
  }

  /** A name that has not come yet may come: it is taken, and said. */
  #stopOnlyAt(name: string | undefined): void {
    this.#only = name;
    if (name === undefined) return this.#print('stops at everything');
    this.#print(`stops only at calls about ${name}`);
    const calls = this.#session.passed.filter((stop) => stop.sort === 'call');
    if (isInterface(name) || calls.some((call) => isNamed(call, name))) return;
    for (const line of wrap(nothingOf(name, calls), COLUMNS - 2)) this.#print(`  ${line}`);
  }

  #help(): void {
    for (const { key, text = '', what } of KEYS) {
      const [first = '', ...more] = wrap(what, COLUMNS - 12);
      this.#print(`  ${`${key} ${text}`.padEnd(10)}${first}`);
      for (const line of more) this.#print(`${INDENT}${line}`);
    }
    if (this.#session.injected.length > 0) this.#print('faults so far:');
    for (const { step, call } of this.#session.injected) {
      const [first = '', ...more] = wrap(stepLine(step), COLUMNS - 12);
      this.#print(`${clock(call.at).padStart(10)}  ${first}`);
      for (const line of more) this.#print(`${INDENT}${line}`);
    }
  }

  /** An interface by its name, else a subject, or the last part of one; calls made within such a call belong to it. */
  #isWanted(stop: Stop): boolean {
    const name = this.#only;
    if (name === undefined || stop.sort !== 'call') return true;
    return isNamed(stop, name) || this.#session.around(stop).some(({ subject }) => isAbout(subject, name));
  }
}

const INDENT = ' '.repeat(12);
const isStep = (stop: Stop): boolean => stop.sort === 'step';
const isAbout = (subject: string | undefined, name: string): boolean =>
  subject !== undefined && (subject === name || subject.endsWith(`/${name}`));
const isNamed = (call: CallStop, name: string): boolean => call.name.startsWith(`${name}.`) || isAbout(call.subject, name);
const isInterface = (name: string): boolean => INTERFACES.has(name) || name === 'api';

/** As many names as fit on two lines. */
const MOST_NAMES = 8;

/** What there was instead of a name that no call so far was about. */
function nothingOf(name: string, calls: readonly CallStop[]): string {
  const subjects = [...new Set(calls.flatMap((call) => aboutOf(call) ?? []))].sort();
  if (subjects.length === 0) return `no call about ${name} has been seen so far; nor about anything else`;
  const near = suggestion(name, [...subjects, ...subjects.map((subject) => subject.slice(subject.lastIndexOf('/') + 1)), ...INTERFACES]);
  const more = subjects.length - MOST_NAMES;
  return [
    `no call about ${name} has been seen so far`,
    ...(near === undefined ? [] : [`did you mean ${near}?`]),
    `there were calls about ${subjects.slice(0, MOST_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}; p alone stops at everything`,
  ].join('; ');
}
