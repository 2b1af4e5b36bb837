import type { FileSystem } from '@slipway/host';
import { codeOf } from '@slipway/kernel';
import type { LogStyle } from '../flavour.ts';

/**
 * A container's log on the node's disk, in the format that CRI fixes: `<time> <stdout|stderr> <P|F> <content>`. Source: api.proto,
 * `ContainerConfig.log_path`; tags: kubernetes, staging/src/k8s.io/cri-client/pkg/logs/logs.go.
 */
export class LogFile {
  readonly path: string;
  readonly #files: FileSystem;
  readonly #style: LogStyle;
  readonly #now: () => number;

  /** @param now time since 1970 in microseconds */
  constructor(files: FileSystem, path: string, style: LogStyle, now: () => number) {
    this.path = path;
    this.#files = files;
    this.#style = style;
    this.#now = now;
  }

  /** Makes the file if it is not there, as at the container's creation and after a rotation moved it away. */
  open(): void {
    if (!this.#files.exists(this.path)) this.#files.write(this.path, '', { parents: true });
  }

  /** Adds one line that the container printed, in as many entries as its length needs. What a full disk does not take is lost. */
  write(stream: 'stdout' | 'stderr', line: string): void {
    const head = `${this.#style.timestamp(this.#now())} ${stream}`;
    const { maxLineLength } = this.#style;
    let text = '';
    let from = 0;
    for (; line.length - from > maxLineLength; from += maxLineLength) text += `${head} P ${line.slice(from, from + maxLineLength)}\n`;
    text += `${head} F ${from === 0 ? line : line.slice(from)}\n`;
    try {
      this.#files.append(this.path, text, { parents: true });
    } catch (error) {
      // Source: containerd, internal/cri/io/logger.go, which notes the failure and reads on.
      if (codeOf(error) !== 'ENOSPC') throw error;
    }
  }
}
