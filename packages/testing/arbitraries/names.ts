import fc from 'fast-check';

// Names as apimachinery `util/validation/validation.go` allows them. Short ones, since failures are read by people.

const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const digits = [...'0123456789'];
const capitals = letters.map((letter) => letter.toUpperCase());

/** `edges` at both ends, `edges` and `marks` between. */
function bounded(first: readonly string[], edges: readonly string[], marks: readonly string[], maxLength: number): fc.Arbitrary<string> {
  const start = fc.constantFrom(...first);
  if (maxLength < 2) return start;
  const middle = fc.string({ unit: fc.constantFrom(...edges, ...marks), maxLength: maxLength - 2 });
  const rest = fc.tuple(middle, fc.constantFrom(...edges)).map((parts) => parts.join(''));
  return fc.tuple(start, fc.option(rest, { nil: '', freq: 8 })).map((parts) => parts.join(''));
}

/** A DNS-1123 label: what namespaces, containers, volumes and Services are called. @param maxLength at most 63 */
export function arbitraryLabelName(maxLength = 63): fc.Arbitrary<string> {
  return bounded([...letters, ...digits], [...letters, ...digits], ['-'], maxLength);
}

/** A DNS-1123 subdomain, at most 253 characters: what most objects are called. */
export function arbitrarySubdomainName(): fc.Arbitrary<string> {
  return fc.array(arbitraryLabelName(20), { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
}

/** Names that leave room for what controllers append (`-5d4f8c7b9-x2x4z`): workloads and what else makes pods. */
export function arbitraryWorkloadName(): fc.Arbitrary<string> {
  return arbitraryLabelName(30);
}

/** `[prefix/]name`: keys of labels, annotations, taints. */
export function arbitraryQualifiedName(): fc.Arbitrary<string> {
  const edges = [...letters, ...digits, ...capitals];
  const name = bounded(edges, edges, ['-', '_', '.'], 63);
  return fc.oneof(
    name,
    fc.tuple(arbitrarySubdomainName(), name).map((parts) => parts.join('/')),
  );
}

/** The value of a label; may be empty. */
export function arbitraryLabelValue(): fc.Arbitrary<string> {
  const edges = [...letters, ...digits, ...capitals];
  return fc.option(bounded(edges, edges, ['-', '_', '.'], 63), { nil: '', freq: 8 });
}

/** Labels of an object. @param minKeys for what a selector has to match: 1 */
export function arbitraryLabels(minKeys = 0): fc.Arbitrary<Record<string, string>> {
  return fc.dictionary(arbitraryQualifiedName(), arbitraryLabelValue(), { minKeys, maxKeys: minKeys + 3, noNullPrototype: true });
}

/** Annotations: keys as labels have them, any text as values. */
export function arbitraryAnnotations(): fc.Arbitrary<Record<string, string>> {
  return fc.dictionary(arbitraryQualifiedName(), fc.string({ unit: 'grapheme' }), { maxKeys: 2, noNullPrototype: true });
}

/** The name of a port: at most 15 characters, a letter among them, no two hyphens side by side. */
export function arbitraryPortName(): fc.Arbitrary<string> {
  const part = fc.string({ unit: fc.constantFrom(...letters, ...digits), minLength: 1, maxLength: 5 });
  return fc.tuple(fc.constantFrom(...letters), fc.array(part, { maxLength: 2 })).map(([first, parts]) => [first, ...parts].join('-'));
}

/** 1 to 65535. */
export function arbitraryPort(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: 65535 });
}

/** The name of an environment variable, as programs have them. */
export function arbitraryVariableName(): fc.Arbitrary<string> {
  return bounded(capitals, [...capitals, ...digits], ['_'], 20);
}

/** An absolute path without `.` and `..`. */
export function arbitraryPath(): fc.Arbitrary<string> {
  return fc.array(arbitraryLabelName(12), { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
}
