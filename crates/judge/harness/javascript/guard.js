// What the learner's code must not have: doors into this process's memory, and
// changed built-ins while an assertion is decided.
'use strict';
const Module = require('module');
const fs = require('fs');
const path = require('path');
const url = require('url');
const { getOwnPropertyDescriptor, ownKeys, apply } = Reflect;
const { is } = Object;
const { exec } = RegExp.prototype;
const { has } = Set.prototype;
const { resolve } = path;
const { isBuffer } = Buffer;
const toText = Buffer.prototype.toString;
const { fileURLToPath } = url;
const workingDirectory = process.cwd;

// Modules whose exports would let a program read the harness's memory or run another beside it.
const DOORS = {
  inspector: ['Session', 'open', 'close', 'url', 'waitForDebugger', 'console', 'Network'],
  'inspector/promises': ['Session', 'open', 'close', 'url', 'waitForDebugger', 'console'],
  v8: ['getHeapSnapshot', 'writeHeapSnapshot', 'setFlagsFromString', 'queryObjects',
    'setHeapSnapshotNearHeapLimit', 'startupSnapshot', 'takeCoverage'],
  child_process: ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork', '_forkChild', 'ChildProcess'],
  worker_threads: ['Worker'],
  cluster: ['fork', 'setupPrimary', 'setupMaster'],
  wasi: ['WASI'],
  repl: ['start', 'REPLServer'],
};
const PROCESS_DOORS = ['binding', '_linkedBinding', 'dlopen', '_debugProcess', '_debugEnd',
  '_startProfilerIdleNotifier', '_kill', 'execve', '_rawDebug'];

function refuse(what) {
  return function refused() {
    throw new Error(`${what} is not available while tests run`);
  };
}

function replace(target, name, value) {
  try {
    Object.defineProperty(target, name, { value, writable: false, configurable: false, enumerable: true });
  } catch {
    try { target[name] = value; } catch { /* an accessor without setter: nothing to take */ }
  }
}

async function removePrivateDoors() {
  for (const [name, members] of Object.entries(DOORS)) {
    let exports;
    try { exports = require(name); } catch { continue; }
    for (const member of members) {
      if (member in exports) replace(exports, member, refuse(`${name}.${member}`));
    }
  }
  for (const member of PROCESS_DOORS) {
    if (member in process) replace(process, member, refuse(`process.${member}`));
  }
  process.on('SIGUSR1', () => {});
  const handle = await fs.promises.open('/dev/null');
  const FileHandle = handle.constructor;
  await handle.close();
  // Nobody else says what a handle is.
  replace(FileHandle, Symbol.hasInstance, Function.prototype[Symbol.hasInstance]);
  guardFiles(fs, null);
  guardFiles(fs.promises, FileHandle);
  Module.syncBuiltinESMExports();
}

const FORBIDDEN = /^\/(proc|dev|sys)(\/|$)/;
const ALLOWED_DEVICES = new Set(['/dev/null', '/dev/urandom', '/dev/random', '/dev/zero']);

// The path that is looked at, as a string, so that it is the one that is used: an object could tell another one
// the second time. What Node takes for a URL is anything with `href`.
function plainPath(value, FileHandle) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
  if (isBuffer(value) || value instanceof Uint8Array) return apply(toText, value, []);
  if (FileHandle !== null && value instanceof FileHandle) return value;
  if (typeof value === 'function') return value;
  const { href } = value;
  if (typeof href !== 'string') throw new TypeError('a path must be a string, a Buffer or a URL');
  return fileURLToPath(href);
}

function checkPath(text) {
  if (typeof text !== 'string') return;
  const absolute = resolve(apply(workingDirectory, process, []), text);
  if (apply(exec, FORBIDDEN, [absolute]) !== null && !apply(has, ALLOWED_DEVICES, [absolute])) {
    const error = new Error(`EACCES: permission denied, '${absolute}'`);
    error.code = 'EACCES';
    throw error;
  }
}

// Every function of fs that takes a path gets its paths looked at; links could hide one and cannot be made.
function guardFiles(target, FileHandle) {
  for (const name of Object.getOwnPropertyNames(target)) {
    const original = getOwnPropertyDescriptor(target, name).value;
    if (typeof original !== 'function' || /^[A-Z_]/.test(name) || /^f[a-z]+/.test(name) && /^f(d|stat|sync|chmod|chown|truncate|utimes|datasync)/.test(name)) continue;
    if (/^(sym)?link(Sync)?$/.test(name)) {
      target[name] = refuse(`fs.${name}`);
      continue;
    }
    const takesTwo = /^(rename|copyFile|cp|link)/.test(name);
    const takesHandle = FileHandle !== null && /^(read|write|append)File$/.test(name);
    const guarded = function (...values) {
      const own = takesHandle ? FileHandle : null;
      values[0] = plainPath(values[0], own);
      checkPath(values[0]);
      if (takesTwo) {
        values[1] = plainPath(values[1], null);
        checkPath(values[1]);
      }
      return apply(original, this, values);
    };
    Object.defineProperty(guarded, 'name', { value: name });
    for (const key of ownKeys(original)) {
      if (!['name', 'length', 'prototype', 'arguments', 'caller'].includes(key)) guarded[key] = original[key];
    }
    if (name === 'realpath' || name === 'realpathSync') guarded.native = guarded;
    target[name] = guarded;
  }
}

// Built-ins that must stay as they are. Date, Math.random, timers and console are left out:
// tests replace them for good reasons.
const NAMES = ['Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'RegExp', 'Error',
  'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'Promise', 'Map', 'Set', 'WeakMap', 'WeakSet', 'Reflect',
  'JSON', 'Proxy', 'ArrayBuffer', 'Uint8Array', 'Int32Array', 'Float64Array', 'DataView', 'Buffer', 'parseInt', 'parseFloat', 'isNaN',
  'isFinite', 'Math'];
const FREE = new Set(['random', 'prepareStackTrace', 'stackTraceLimit']);
const remembered = [];

function rememberObject(object, label) {
  for (const key of ownKeys(object)) {
    if (FREE.has(key)) continue;
    const { value, get, set } = getOwnPropertyDescriptor(object, key);
    remembered.push({ object, key, value, get, set, label });
  }
}

function remember() {
  for (const name of NAMES) {
    const value = globalThis[name];
    const own = getOwnPropertyDescriptor(globalThis, name);
    remembered.push({ object: globalThis, key: name, value: own.value, get: own.get, set: own.set, label: 'globalThis' });
    rememberObject(value, name);
    if (typeof value === 'function' && value.prototype) rememberObject(value.prototype, `${name}.prototype`);
  }
  const prototypeOf = Object.getPrototypeOf;
  const iterator = prototypeOf(prototypeOf([][Symbol.iterator]()));
  rememberObject(iterator, 'Iterator.prototype');
  rememberObject(prototypeOf([][Symbol.iterator]()), 'ArrayIterator.prototype');
  rememberObject(prototypeOf(new Map()[Symbol.iterator]()), 'MapIterator.prototype');
  rememberObject(prototypeOf(new Set()[Symbol.iterator]()), 'SetIterator.prototype');
  rememberObject(prototypeOf(''[Symbol.iterator]()), 'StringIterator.prototype');
  rememberObject(prototypeOf(Uint8Array), 'TypedArray');
  rememberObject(prototypeOf(Uint8Array.prototype), 'TypedArray.prototype');
}

// The first built-in that is not what it was, or null.
function findChanged() {
  for (let at = 0; at < remembered.length; at += 1) {
    const { object, key, value, get, set, label } = remembered[at];
    const now = getOwnPropertyDescriptor(object, key);
    if (now === undefined || !is(now.value, value) || now.get !== get || now.set !== set) {
      return `${label}.${typeof key === 'symbol' ? 'Symbol' : key}`;
    }
  }
  return null;
}

module.exports = { removePrivateDoors, remember, findChanged };
