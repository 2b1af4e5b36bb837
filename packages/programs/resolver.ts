import type { Program, ProgramResolver } from '@slipway/host';
import { agnhost } from './agnhost.ts';
import { DATA_STORES } from './catalogue/data-stores.ts';
import { INFRASTRUCTURE } from './catalogue/infrastructure.ts';
import { SHELL_IMAGES, SHORT_LIVED } from './catalogue/short-lived.ts';
import { WEB } from './catalogue/web.ts';
import { commandProgram, execute } from './command-program.ts';
import { Commands } from './commands/finder.ts';
import { defaultProgram } from './default-program.ts';
import type { ImageProgram } from './define-program.ts';
import { repositoryOf } from './image-name.ts';
import { server } from './server.ts';
import { commandName, SHELLS } from './shell/invoke.ts';
import { matches } from './shell/pattern.ts';
import { testImage } from './test-image.ts';

/** Entry points of images, which run what follows them. */
const ENTRYPOINTS = /^(docker-entrypoint\.sh|entrypoint\.sh|docker-php-entrypoint|tini|dumb-init|gosu|su-exec)$/;

/** Built-in programs; of two that name one image or command the first counts. */
export const BUILT_IN: readonly ImageProgram[] = [
  testImage,
  agnhost,
  ...[...WEB, ...DATA_STORES, ...INFRASTRUCTURE].map(server),
  ...SHORT_LIVED,
];

/** Indexed once, since worlds are made by the thousand. */
const byName = (names: (program: ImageProgram) => readonly string[]): ReadonlyMap<string, ImageProgram> =>
  new Map(BUILT_IN.toReversed().flatMap((program) => names(program).map((name) => [name, program])));
const BY_IMAGE = byName(({ images }) => images);
const BY_COMMAND = byName(({ commands = [] }) => commands);

/**
 * Says what containers do.
 *
 * A program of one's own comes first, by image. Then a shell or plain command that the pod asks for (`sh -c …`, `sleep 3600`), then the
 * image's built-in model, then the model of the executable that is started. What is left runs on and answers every probe.
 *
 * @param own the first that fits counts
 */
export function programs(own: readonly ImageProgram[] = []): ProgramResolver {
  return new Catalogue(own);
}

class Catalogue implements ProgramResolver {
  readonly #own: readonly ImageProgram[];
  readonly #finder: Commands;
  readonly #command: Program;
  /** What was found for an image before. */
  readonly #known = new Map<string, Found>();
  readonly #finished = new Map<Program, Program>();

  constructor(own: readonly ImageProgram[]) {
    this.#own = own;
    this.#finder = new Commands(defaultProgram, (argv) => this.#started(argv));
    this.#command = commandProgram(this.#finder);
  }

  resolve(image: string | undefined, argv: readonly string[]): Program {
    const { own, builtIn, shell } = this.#ofImage(image);
    if (own) return this.#withExec(own);
    const [first] = argv;
    if (first === undefined) return shell ? this.#command : this.#withExec(builtIn ?? defaultProgram);
    if (SHELLS.includes(commandName(argv)) || this.#finder.command(argv)) return this.#command;
    const program = builtIn ?? this.#started(argv);
    return program ? this.#withExec(program) : shell ? this.#command : this.#withExec(defaultProgram);
  }

  #ofImage(image: string | undefined): Found {
    if (image === undefined) return {};
    const known = this.#known.get(image);
    if (known) return known;
    const repository = repositoryOf(image);
    const last = repository.slice(repository.lastIndexOf('/') + 1);
    const fits = (pattern: string): boolean =>
      matches(pattern, repository) || (!pattern.includes('/') && matches(pattern, last)) || matches(pattern, image);
    const own = this.#own.find(({ images }) => images.some(fits));
    const builtIn = BY_IMAGE.get(repository) ?? BY_IMAGE.get(last);
    const found: Found = {
      ...(own && { own }),
      ...(builtIn && { builtIn }),
      shell: SHELL_IMAGES.includes(repository) || SHELL_IMAGES.includes(last),
    };
    this.#known.set(image, found);
    return found;
  }

  /** The model of the executable that is started. */
  #started(argv: readonly string[]): Program | undefined {
    const name = commandName(argv);
    const program = this.#own.find(({ commands }) => commands?.includes(name)) ?? BY_COMMAND.get(name);
    if (program || !ENTRYPOINTS.test(name)) return program;
    return argv.length > 1 ? this.#started(argv.slice(1)) : undefined;
  }

  /** Commands run in every container: in a small shell, unless the program sees to them itself. */
  #withExec(program: Program): Program {
    if (program.exec) return program;
    const known = this.#finished.get(program);
    if (known) return known;
    const finished: Program = {
      name: program.name,
      ...(program.files ? { files: program.files } : {}),
      run: (context) => program.run(context),
      exec: (context, argv) => execute(this.#finder, context, argv),
    };
    this.#finished.set(program, finished);
    return finished;
  }
}

interface Found {
  readonly own?: Program;
  readonly builtIn?: Program;
  /** A distribution: what runs in it is a command. */
  readonly shell?: boolean;
}
