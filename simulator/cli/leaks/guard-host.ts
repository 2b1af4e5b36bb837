import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import v8 from 'node:v8';
import workerThreads from 'node:worker_threads';
import { note } from './notes.ts';
import { guardDate } from './guard-date.ts';
import { guardFunctions, guardValues } from './guard.ts';
import { CHANCE, CLOCK, ENVIRONMENT, FILES, GARBAGE, LANGUAGE, MACHINE, NAMES, NETWORK, PROCESS, PROGRAMS, TIMER, USAGE } from './kinds.ts';

const GUARDED = Symbol.for('@slipway/host-is-guarded');
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'];
const REQUESTS = ['request', 'get', 'createServer'];

/**
 * Guards what a process has of the real world: its clocks, timers, randomness, files, network and whatever else differs from run to run or
 * from machine to machine. Once per process, and only where somebody's own modules are loaded. Everybody gets what they got before.
 */
export function guardHost(): void {
  const shared = globalThis as unknown as { [GUARDED]?: true };
  if (shared[GUARDED]) return;
  shared[GUARDED] = true;
  guardDate();
  guardClocks();
  guardChance();
  guardProcess();
  guardMachine();
  guardLanguage();
  // What was imported by name is a copy of what the module had.
  syncBuiltinESMExports();
}

function guardClocks(): void {
  const { Performance } = globalThis as unknown as { readonly Performance?: { readonly prototype: object } };
  guardFunctions(Performance?.prototype ?? performance, 'performance.', ['now', 'mark', 'measure', 'timerify', 'toJSON'], CLOCK);
  guardFunctions(Performance?.prototype, 'performance.', ['eventLoopUtilization'], USAGE);
  guardValues(Performance?.prototype, 'performance.', ['timeOrigin'], CLOCK);
  const { Temporal } = globalThis as unknown as { readonly Temporal?: { readonly Now?: object } };
  if (Temporal?.Now) guardFunctions(Temporal.Now, 'Temporal.Now.', Object.getOwnPropertyNames(Temporal.Now), CLOCK);
  guardFunctions(globalThis, '', TIMERS, TIMER);
  guardFunctions(timers, '', TIMERS, TIMER);
  guardFunctions(timersPromises, '', TIMERS, TIMER);
  guardFunctions(AbortSignal, 'AbortSignal.', ['timeout'], TIMER);
  guardFunctions(Atomics, 'Atomics.', ['wait', 'waitAsync'], TIMER);
}

function guardChance(): void {
  guardFunctions(Math, 'Math.', ['random'], CHANCE);
  const bytes = ['getRandomValues', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync', 'pseudoRandomBytes'];
  const keys = ['generateKeyPair', 'generateKeyPairSync', 'generateKey', 'generateKeySync', 'generatePrime', 'generatePrimeSync'];
  guardFunctions(crypto, 'crypto.', [...bytes, ...keys], CHANCE);
  guardFunctions(crypto, 'crypto.', ['randomUUID'], NAMES);
  const { Crypto } = globalThis as unknown as { readonly Crypto?: { readonly prototype: object } };
  guardFunctions(Crypto?.prototype, 'crypto.', ['getRandomValues'], CHANCE);
  guardFunctions(Crypto?.prototype, 'crypto.', ['randomUUID'], NAMES);
  guardFunctions(WeakRef.prototype, 'WeakRef.prototype.', ['deref'], GARBAGE);
  guardFunctions(globalThis, 'new ', ['FinalizationRegistry'], GARBAGE);
}

function guardProcess(): void {
  // The time of day as the process counts it, with `bigint` beside it.
  guardFunctions(process.hrtime, 'process.hrtime.', ['bigint'], CLOCK);
  guardFunctions(process, 'process.', ['hrtime', 'uptime'], CLOCK);
  guardFunctions(process.memoryUsage, 'process.memoryUsage.', ['rss'], USAGE);
  const usage = ['cpuUsage', 'memoryUsage', 'resourceUsage', 'availableMemory', 'constrainedMemory', 'getActiveResourcesInfo'];
  guardFunctions(process, 'process.', usage, USAGE);
  guardFunctions(v8, 'v8.', ['getHeapStatistics', 'getHeapSpaceStatistics', 'getHeapSnapshot', 'writeHeapSnapshot'], USAGE);
  guardFunctions(process, 'process.', ['cwd', 'getuid', 'geteuid', 'getgid', 'getegid', 'getgroups'], PROCESS);
  guardValues(process, 'process.', ['pid', 'ppid', 'argv', 'execArgv', 'execPath', 'title'], PROCESS);
  guardValues(process, 'process.', ['platform', 'arch', 'version', 'versions', 'release', 'config', 'report'], MACHINE);
  guardEnvironment();
}

/** Variable by variable, whichever way somebody came by the object. */
function guardEnvironment(): void {
  process.env = new Proxy(process.env, {
    get(target, name) {
      if (typeof name === 'string') note(`process.env.${name}`, ENVIRONMENT);
      return Reflect.get(target, name) as string | undefined;
    },
    has(target, name) {
      if (typeof name === 'string') note(`process.env.${name}`, ENVIRONMENT);
      return Reflect.has(target, name);
    },
    // The environment takes a plain assignment only, not what a proxy makes of one.
    set: (target, name, value) => Reflect.set(target, name, value),
    ownKeys(target) {
      note('process.env', ENVIRONMENT);
      return Reflect.ownKeys(target);
    },
  });
}

function guardMachine(): void {
  guardFunctions(os, 'os.', namesOf(os), MACHINE);
  const { Navigator } = globalThis as unknown as { readonly Navigator?: { readonly prototype: object } };
  guardValues(Navigator?.prototype, 'navigator.', ['hardwareConcurrency', 'language', 'languages', 'platform', 'userAgent'], MACHINE);
  guardFunctions(fs, 'fs.', namesOf(fs), FILES);
  guardFunctions(fs.promises, 'fs.promises.', namesOf(fs.promises), FILES);
  guardFunctions(globalThis, '', ['fetch', 'WebSocket', 'EventSource'], NETWORK);
  guardFunctions(http, 'http.', REQUESTS, NETWORK);
  guardFunctions(https, 'https.', REQUESTS, NETWORK);
  guardFunctions(net, 'net.', ['connect', 'createConnection', 'createServer'], NETWORK);
  guardFunctions(dgram, 'dgram.', ['createSocket'], NETWORK);
  guardFunctions(dns, 'dns.', namesOf(dns), NETWORK);
  guardFunctions(dns.promises, 'dns.promises.', namesOf(dns.promises), NETWORK);
  guardFunctions(childProcess, 'child_process.', namesOf(childProcess), PROGRAMS);
  guardFunctions(workerThreads, 'new ', ['Worker'], PROGRAMS);
}

function guardLanguage(): void {
  const isUnnamed = ([locale]: readonly unknown[]): boolean => locale === undefined;
  guardFunctions(String.prototype, 'String.prototype.', ['localeCompare'], LANGUAGE, ([, locale]) => locale === undefined);
  guardFunctions(String.prototype, 'String.prototype.', ['toLocaleLowerCase', 'toLocaleUpperCase'], LANGUAGE, isUnnamed);
  guardFunctions(Number.prototype, 'Number.prototype.', ['toLocaleString'], LANGUAGE, isUnnamed);
  guardFunctions(BigInt.prototype, 'BigInt.prototype.', ['toLocaleString'], LANGUAGE, isUnnamed);
  const makers = Object.getOwnPropertyNames(Intl).filter((name) => /^[A-Z]/.test(name) && name !== 'Locale');
  guardFunctions(Intl, 'Intl.', makers, LANGUAGE, isUnnamed);
}

/** Functions that a module exports, without its classes. */
function namesOf(module: object): readonly string[] {
  return Object.keys(module).filter((name) => /^[a-z]/.test(name));
}
