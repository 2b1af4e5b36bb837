/** Takes a field path as messages have it apart: `spec.containers[0].env[app.kubernetes.io/name]` → its keys and indexes. */
export function fieldPath(text: string): (string | number)[] {
  return [...text.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, inBrackets, name]) => {
    if (inBrackets === undefined) return name ?? '';
    return /^\d+$/.test(inBrackets) ? Number(inBrackets) : inBrackets;
  });
}

/** The other way round: `['spec', 'containers', 0]` → `spec.containers[0]`. */
export function fieldText(path: readonly (string | number)[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}
