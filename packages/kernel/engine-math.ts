/**
 * The maths that engines are free to round differently, from operations that they are not: so a browser agrees with Node to the last bit.
 */
export const kernelMath = { log, exp, pow } as const;

const LN2 = 0.693147180559945309417232;

/** Natural logarithm, to about one unit in the last place. */
function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  let mantissa = x;
  let exponent = 0;
  // Halving and doubling are exact.
  while (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent -= 1;
  }
  const z = (mantissa - 1) / (mantissa + 1);
  const square = z * z;
  let sum = 0;
  for (let k = 33; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return 2 * z * sum + exponent * LN2;
}

/** e to the power of x, to a few units in the last place. */
function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.782712893384) return Number.POSITIVE_INFINITY;
  if (x < -745.1332191019412) return 0;
  const halvings = Math.round(x / LN2);
  const rest = x - halvings * LN2;
  let sum = 1;
  for (let k = 20; k >= 1; k -= 1) sum = 1 + (rest * sum) / k;
  let result = sum;
  for (let k = 0; k < Math.abs(halvings); k += 1) result = halvings > 0 ? result * 2 : result / 2;
  return result;
}

/** x to the power of y: by multiplication for whole exponents, else through `exp` and `log`. */
function pow(x: number, y: number): number {
  if (!Number.isInteger(y) || Math.abs(y) > 1024) return exp(y * log(x));
  let result = 1;
  let square = x;
  for (let rest = Math.abs(y); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return y < 0 ? 1 / result : result;
}
