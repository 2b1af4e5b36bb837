import { type FileSystem, normalPath } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import { type Expander, expandText } from './expand.ts';
import { type Sink, type Source, TextSource } from './streams.ts';
import type { Redirect } from './syntax.ts';

/** A command's input and outputs. */
export interface Io {
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
}

const nowhere: Sink = { write: () => {} };

/** Output into a file, which need not stay there. */
class FileSink implements Sink {
  readonly #files: FileSystem;
  readonly #path: string;

  constructor(files: FileSystem, path: string) {
    this.#files = files;
    this.#path = path;
  }

  write(text: string): void {
    this.#files.append(this.#path, text);
  }
}

/** Opens what the redirections name, in their order. Throws what the file system refuses. */
export function* redirect(redirects: readonly Redirect[], io: Io, shell: Expander, container: Io): Process<Io> {
  let { stdin, stdout, stderr } = io;
  for (const { fd, operator, target } of redirects) {
    const text = yield* expandText(target, shell);
    const [, protocol, host = '', port] = (operator === '<<' ? undefined : /^\/dev\/(tcp|udp)\/([^/]+)\/(\d+)$/.exec(text)) ?? [];
    if (protocol !== undefined) {
      // Bash's network files, with which scripts wait for a server: the connection is all that they want.
      yield* shell.connect(protocol === 'udp' ? 'udp' : 'tcp', host, Number(port));
      if (operator === '<') stdin = new TextSource('');
      else if (operator === '&>') [stdout, stderr] = [nowhere, nowhere];
      else if (fd === 2) stderr = nowhere;
      else stdout = nowhere;
    } else if (operator === '<<') stdin = new TextSource(text);
    else if (operator === '<') {
      const path = normalPath(text, shell.cwd);
      stdin = new TextSource(path === '/dev/null' ? '' : shell.files.readText(path));
    } else {
      const sink = operator === '>&' ? copyOf(text, stdout, stderr) : open(text, operator === '>>', shell, container);
      if (operator === '&>') [stdout, stderr] = [sink, sink];
      else if (fd === 1) stdout = sink;
      else if (fd === 2) stderr = sink;
    }
  }
  return { stdin, stdout, stderr };
}

const copyOf = (fd: string, stdout: Sink, stderr: Sink): Sink => (fd === '1' ? stdout : fd === '2' ? stderr : nowhere);

function open(name: string, append: boolean, { files, cwd }: Expander, container: Io): Sink {
  const path = normalPath(name, cwd);
  if (path === '/dev/null') return nowhere;
  // Writing to the first process's outputs is how a hook speaks in the container's log.
  if (path === '/dev/stdout' || path === '/proc/1/fd/1' || path === '/proc/self/fd/1') return container.stdout;
  if (path === '/dev/stderr' || path === '/proc/1/fd/2' || path === '/proc/self/fd/2') return container.stderr;
  if (!append) files.write(path, '');
  else if (!files.exists(path)) files.write(path, '');
  return new FileSink(files, path);
}
