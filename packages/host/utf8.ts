// TextEncoder is no part of the language, and the core asks nothing of its surroundings.

/** How many bytes the text takes in UTF-8; a lone surrogate counts as U+FFFD. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else {
      bytes += 2;
      // A pair has two units and four bytes.
      if (isHigh(unit) && isLow(text.charCodeAt(at + 1))) at += 1;
    }
  }
  return bytes;
}

/** Text to UTF-8. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(byteLength(text));
  let at = 0;
  for (const character of text) {
    const raw = character.codePointAt(0) ?? 0;
    const point = raw >= 0xd800 && raw <= 0xdfff ? 0xfffd : raw;
    if (point < 0x80) bytes[at++] = point;
    else {
      const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
      bytes[at++] = (point >> (6 * more)) | ((0xff00 >> (more + 1)) & 0xff);
      for (let left = more - 1; left >= 0; left -= 1) bytes[at++] = 0x80 | ((point >> (6 * left)) & 0x3f);
    }
  }
  return bytes;
}

/** UTF-8 to text; each byte that fits nowhere becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const more =
      first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : -1;
    let point = more <= 0 ? first : first & (0x3f >> more);
    let taken = 0;
    while (taken < more && ((bytes[at + 1 + taken] ?? 0) & 0xc0) === 0x80) {
      point = (point << 6) | ((bytes[at + 1 + taken] ?? 0) & 0x3f);
      taken += 1;
    }
    const whole = more >= 0 && taken === more && fits(point, more);
    text += whole ? String.fromCodePoint(point) : '\ufffd';
    at += whole ? 1 + more : 1;
  }
  return text;
}

/** Refuses overlong forms, surrogates and what lies past Unicode's end. */
const fits = (point: number, more: number): boolean =>
  point >= ([0, 0x80, 0x800, 0x10000][more] ?? 0) && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
