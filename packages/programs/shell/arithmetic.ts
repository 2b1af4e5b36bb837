import { ShellSyntaxError } from './syntax.ts';

/** Variables as arithmetic sees them. */
export interface Numbers {
  get(name: string): string;
  set(name: string, value: string): void;
}

/** Binary operators by how tightly they bind. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

const APPLY: Readonly<Record<string, (a: number, b: number) => number>> = {
  '||': (a, b) => Number(a !== 0 || b !== 0),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '&': (a, b) => a & b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<<': (a, b) => Number(BigInt(a) << BigInt(b)),
  '>>': (a, b) => Number(BigInt(a) >> BigInt(b)),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.trunc(a / b),
  '%': (a, b) => a % b,
};

/** Works out a shell's integer arithmetic. @throws ShellSyntaxError, also for a division by zero */
export function arithmetic(expression: string, variables: Numbers): number {
  const pieces = expression.match(/\d+|[A-Za-z_]\w*|\+\+|--|[-+*/%]=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%()<>=!?:,&|^~$]/g) ?? [];
  let at = 0;
  const wrong = (): ShellSyntaxError => new ShellSyntaxError(`arithmetic syntax error: ${expression}`);
  const valueOf = (name: string): number => {
    const text = variables.get(name).trim();
    return /^-?\d+$/.test(text) ? Number(text) : text === '' || text === name ? 0 : arithmetic(text, variables);
  };

  const assignment = (): number => {
    const [name = '', operator = ''] = [pieces[at], pieces[at + 1]];
    if (/^[A-Za-z_]/.test(name) && /^[-+*/%]?=$/.test(operator)) {
      at += 2;
      const right = assignment();
      const value = operator === '=' ? right : calculate(operator.slice(0, 1), valueOf(name), right);
      variables.set(name, String(value));
      return value;
    }
    const condition = binary(0);
    if (pieces[at] !== '?') return condition;
    at += 1;
    const yes = assignment();
    if (pieces[at] !== ':') throw wrong();
    at += 1;
    const no = assignment();
    return condition !== 0 ? yes : no;
  };

  const calculate = (operator: string, a: number, b: number): number => {
    if ((operator === '/' || operator === '%') && b === 0) throw new ShellSyntaxError('divide by zero', false);
    return APPLY[operator]?.(a, b) ?? 0;
  };

  const binary = (level: number): number => {
    const operators = LEVELS[level];
    if (!operators) return unary();
    let value = binary(level + 1);
    for (let operator = pieces[at]; operator !== undefined && operators.includes(operator); operator = pieces[at]) {
      at += 1;
      value = calculate(operator, value, binary(level + 1));
    }
    return value;
  };

  const unary = (): number => {
    const piece = pieces[at] ?? '';
    at += 1;
    if (piece === '-') return -unary();
    if (piece === '+') return unary();
    if (piece === '!') return Number(unary() === 0);
    if (piece === '~') return ~unary();
    if (piece === '$') return unary();
    if (piece === '++' || piece === '--') {
      const name = pieces[at] ?? '';
      at += 1;
      return step(name, piece === '++' ? 1 : -1);
    }
    if (piece === '(') {
      const value = assignment();
      if (pieces[at] !== ')') throw wrong();
      at += 1;
      return value;
    }
    if (/^\d/.test(piece)) return Number(piece);
    if (!/^[A-Za-z_]/.test(piece)) throw wrong();
    const after = pieces[at];
    if (after !== '++' && after !== '--') return valueOf(piece);
    at += 1;
    return step(piece, after === '++' ? 1 : -1) - (after === '++' ? 1 : -1);
  };

  const step = (name: string, by: number): number => {
    const value = valueOf(name) + by;
    variables.set(name, String(value));
    return value;
  };

  if (pieces.length === 0) return 0;
  const value = assignment();
  if (at < pieces.length) throw wrong();
  return value;
}
