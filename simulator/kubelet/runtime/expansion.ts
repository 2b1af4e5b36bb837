/**
 * Replaces `$(NAME)` by the variable's value; a name that is not known stays as it is, and `$$` is a plain `$`.
 *
 * Source: `third_party/forked/golang/expansion/expand.go`.
 */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole, name: string | undefined) => {
    if (name === undefined) return '$';
    return lookUp(name) ?? whole;
  });
}
