/** An absolute path without `.`, `..`, doubled or trailing slashes. A relative path counts from `base`. */
export function normalPath(path: string, base = '/'): string {
  const absolute = path.startsWith('/') ? path : `${base}/${path}`;
  // Nearly every path is normal already.
  if (!absolute.includes('//') && !absolute.includes('/.') && !absolute.endsWith('/')) return absolute;
  const parts: string[] = [];
  for (const part of absolute.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The folder of a normal path; `/` is its own. */
export const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 1));

/** The last part of a normal path; empty for `/`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `/a` and `/b` give `/a/b`; a folder `/` adds nothing. */
export const joinPath = (folder: string, rest: string): string => (folder === '/' ? rest : rest === '/' ? folder : folder + rest);

/** Whether a normal path is the folder or lies below it. */
export const isWithin = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || (path.startsWith(folder) && path.charCodeAt(folder.length) === 47);
