// Runs after `npm ci`: builds JavaScript and declarations of every package and bundles the command, so that nothing else is needed.
// Without the compiler (an install with --omit=dev) there is nothing to build with, and that is no error.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

if (existsSync('node_modules/typescript/package.json') && existsSync('node_modules/esbuild/package.json')) {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
