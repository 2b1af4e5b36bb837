/** A shell pattern (`*`, `?`, `[a-z]`, `[!a]`; a backslash takes the next character as it is) as a regular expression without anchors. */
export function patternSource(pattern: string, across = true): string {
  const any = across ? '[\\s\\S]' : '[^/]';
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at] ?? '';
    const close = character === '[' ? pattern.indexOf(']', at + 2) : -1;
    if (character === '*') source += `${any}*`;
    else if (character === '?') source += any;
    else if (close > 0) {
      const set = pattern
        .slice(at + 1, close)
        .replace(/^!/, '^')
        .replace(/\\/g, '\\\\');
      source += `[${set}]`;
      at = close;
    } else if (character === '\\' && at + 1 < pattern.length) {
      at += 1;
      source += escapeRegExp(pattern[at] ?? '');
    } else source += escapeRegExp(character);
  }
  return source;
}

/** Whether the whole text fits the pattern. */
export function matches(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${patternSource(pattern)})$`).test(text);
}

/** A text as a pattern that fits nothing else. */
export const literally = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&');

export const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
