/** Columns that a terminal surely has. */
export const COLUMNS = 100;

/** `0.477 s`: virtual time for people. */
export const clock = (micros: number): string => `${(micros / 1_000_000).toFixed(3)} s`;

/** Stands for a space at which no line is broken. */
export const GLUE = '\u00a0';

/** A length of time: `17.5 ms`, `3.06 s`, `5 min`, held together by `GLUE`. */
export function span(micros: number): string {
  if (micros < 1_000_000) return `${trim((micros / 1_000).toFixed(1))}${GLUE}ms`;
  const seconds = micros / 1_000_000;
  if (seconds < 120) return `${trim(seconds.toFixed(seconds < 10 ? 2 : 1))}${GLUE}s`;
  const whole = Math.floor(seconds);
  const rest = whole % 60;
  return `${Math.floor(whole / 60)}${GLUE}min${rest === 0 ? '' : `${GLUE}${rest}${GLUE}s`}`;
}

const trim = (digits: string): string => (digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits);

/** `4 GiB`, `512 bytes`. */
export function bytes(count: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = count;
  let unit = 0;
  for (; size >= 1024 && unit < units.length - 1; unit += 1) size /= 1024;
  return `${trim(size.toFixed(1))} ${units[unit]}`;
}

/** Ids as short as they can be told apart: digests and container ids to 12 digits, uids to 8. */
export function shorten(text: string): string {
  return text
    .replace(/\b(sha256:)?([0-9a-f]{12})[0-9a-f]{20,52}\b/g, '$1$2')
    .replace(/\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '$1');
}

/** Lines of at most `width` columns, broken at spaces; a word that is longer is cut into pieces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/[ \n\t]+/).filter((part) => part !== '')) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (rest.length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line = rest;
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** `cri.RuntimeService/RunPodSandbox` → `CRI.RunPodSandbox`; what has no interface keeps its name. */
export function titleOf(name: string): string {
  const dot = name.indexOf('.');
  const slash = name.indexOf('/');
  if (dot < 0 || slash < dot) return name;
  const family = name.slice(0, dot);
  const method = name.slice(slash + 1);
  if (family === 'cni') return `CNI.${method.toUpperCase()}`;
  return `${family === 'cloud' ? 'Cloud' : family.toUpperCase()}.${method}`;
}
