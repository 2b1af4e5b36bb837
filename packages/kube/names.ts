// Names of objects, labels and ports. Messages are upstream's, since users see them. Source: apimachinery `util/validation/validation.go`.

const labelFmt = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const label1035Fmt = '[a-z]([-a-z0-9]*[a-z0-9])?';
const subdomainFmt = `${labelFmt}(\\.${labelFmt})*`;
const qualifiedFmt = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const label1123 = new RegExp(`^${labelFmt}$`);
const label1035 = new RegExp(`^${label1035Fmt}$`);
const subdomain1123 = new RegExp(`^${subdomainFmt}$`);
const qualifiedName = new RegExp(`^${qualifiedFmt}$`);
const labelValue = new RegExp(`^(${qualifiedFmt})?$`);

/** Why a text is not what it should be; empty when it is. */
export type NameProblems = readonly string[];
/** Checks a text. */
export type NameCheck = (name: string) => NameProblems;

function regexError(message: string, format: string, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}'`).join(', or ');
  return `${message} (e.g. ${shown}, regex used for validation is '${format}')`;
}

/** Message for a text that is too long. */
export function maxLengthProblem(length: number): string {
  return `must be no more than ${length} characters`;
}

/** Lower-case letters, digits and inner hyphens, at most 63. */
export function dns1123LabelProblems(name: string): NameProblems {
  const problems = name.length > 63 ? [maxLengthProblem(63)] : [];
  if (label1123.test(name)) return problems;
  // Upstream adds this hint for names that would do as a subdomain.
  if (subdomain1123.test(name)) return [...problems, 'must not contain dots'];
  return [
    ...problems,
    regexError(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
      labelFmt,
      'my-name',
      '123-abc',
    ),
  ];
}

/** DNS-1123 labels joined by dots, at most 253. */
export function dns1123SubdomainProblems(name: string): NameProblems {
  const problems = name.length > 253 ? [maxLengthProblem(253)] : [];
  if (subdomain1123.test(name)) return problems;
  return [
    ...problems,
    regexError(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      subdomainFmt,
      'example.com',
    ),
  ];
}

/** Like a DNS-1123 label, but starts with a letter. */
export function dns1035LabelProblems(name: string): NameProblems {
  const problems = name.length > 63 ? [maxLengthProblem(63)] : [];
  if (label1035.test(name)) return problems;
  return [
    ...problems,
    regexError(
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
      label1035Fmt,
      'my-name',
      'abc-123',
    ),
  ];
}

/** Names that end up as one path segment: RBAC objects. */
export function pathSegmentNameProblems(name: string): NameProblems {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((mark) => name.includes(mark)).map((mark) => `may not contain '${mark}'`);
}

/** Keys of labels, annotations, taints and resources: `[prefix/]name`. */
export function qualifiedNameProblems(key: string): NameProblems {
  const parts = key.split('/');
  const message = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  if (parts.length > 2) {
    const problem = regexError(`a qualified name ${message}`, qualifiedFmt, 'MyName', 'my.name', '123-abc');
    return [`${problem} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const problems: string[] = [];
  const name = parts[parts.length - 1] ?? '';
  if (parts.length === 2) {
    const prefix = parts[0] ?? '';
    if (prefix === '') problems.push('prefix part must be non-empty');
    else problems.push(...dns1123SubdomainProblems(prefix).map((problem) => `prefix part ${problem}`));
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push(`name part ${maxLengthProblem(63)}`);
  if (!qualifiedName.test(name)) {
    problems.push(regexError(`name part ${message}`, qualifiedFmt, 'MyName', 'my.name', '123-abc'));
  }
  return problems;
}

/** Values of labels: like a name, at most 63, may be empty. */
export function labelValueProblems(value: string): NameProblems {
  const problems = value.length > 63 ? [maxLengthProblem(63)] : [];
  if (labelValue.test(value)) return problems;
  return [
    ...problems,
    regexError(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      `(${qualifiedFmt})?`,
      'MyValue',
      'my_value',
      '12345',
    ),
  ];
}

/** Names of container and service-target ports: at most 15, one letter, no double or edge hyphen. */
export function portNameProblems(name: string): NameProblems {
  const problems: string[] = [];
  if (name.length > 15) problems.push(maxLengthProblem(15));
  if (!/^[-a-z0-9]+$/.test(name)) problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

/** 1 to 65535. */
export function portNumberProblems(port: number): NameProblems {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];
}

/** Names of environment variables since 1.34: any printable ASCII but `=`. */
export function envVarNameProblems(name: string): NameProblems {
  if (name === '') return ['environment variable name must be non-empty'];
  return /^[ -<>-~]+$/.test(name)
    ? []
    : [
        "a valid environment variable name must consist only of printable ASCII characters other than '=' (e.g. 'my.env-name', or 'MY_ENV.NAME', or 'MyEnvName1', regex used for validation is '[ -<>-~]+')",
      ];
}

/** Keys of ConfigMaps and Secrets: at most 253 of letters, digits, `-`, `_`, `.`; no path tricks. */
export function configMapKeyProblems(key: string): NameProblems {
  const problems: string[] = [];
  if (key.length > 253) problems.push(maxLengthProblem(253));
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    problems.push(
      regexError(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    );
  }
  if (key === '.') problems.push("must not be '.'");
  else if (key === '..') problems.push("must not be '..'");
  else if (key.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}

/** An IPv4 address in dotted form, without leading zeros. */
export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** An IPv6 address, `::` and an embedded IPv4 address allowed, no zone. */
export function isIPv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [index, half] of halves.entries()) {
    if (half === '') continue;
    const parts = half.split(':');
    for (const [at, part] of parts.entries()) {
      const last = index === halves.length - 1 && at === parts.length - 1;
      if (last && part.includes('.')) {
        if (!isIPv4(part)) return false;
        groups += 2;
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups += 1;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

/** Letters of generated names: no vowels and no look-alikes, so that no words come out. Source: apimachinery `util/rand`. */
const generatedLetters = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The name that `generateName` leads to: the base, cut to 58, and five letters.
 *
 * @param below a whole number from 0 up to, not including, its argument
 */
export function generatedName(base: string, below: (bound: number) => number): string {
  let suffix = '';
  for (let i = 0; i < 5; i++) suffix += generatedLetters[below(generatedLetters.length)];
  return base.slice(0, 58) + suffix;
}

/** Encodes a hash for use in a name with the same letters. Source: apimachinery `util/rand` SafeEncodeString. */
export function safeEncode(text: string): string {
  let encoded = '';
  for (let i = 0; i < text.length; i++) encoded += generatedLetters[text.charCodeAt(i) % generatedLetters.length];
  return encoded;
}
