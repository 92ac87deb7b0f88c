// The words that test files use: jest's globals, or node:test and node:assert.
'use strict';
const util = require('util');
const assertModule = require('assert');
const channel = require('./channel.js');
const expectModule = require('./expect.js');
const mockModule = require('./mock.js');
const { apply } = Reflect;

// Tests may run programs; the learner's code in this process may not.
const kept = { child_process: { ...require('child_process') } };

function create(framework, suite, guard) {
  return framework === 'jest' ? createJest(suite, guard) : createNode(suite, guard);
}

// Numbers that nobody can guess, so that an assertion cannot know a canary.
function canaryBodies(check) {
  const one = require('crypto').randomInt(1, 2 ** 40);
  return { pass: () => check([one, 'x'], [one, 'x']), fail: () => check([one, 'x'], [one + 1, 'x']) };
}

function formatName(name, row, index) {
  const values = Array.isArray(row) ? row : [row];
  const named = String(name).replace(/\$(\w+)/g, (whole, key) => (row !== null && typeof row === 'object' && key in row ? expectModule.show(row[key]) : key === 'index' ? index : whole));
  const places = (named.match(/%[sdifjopc]/g) ?? []).length;
  return util.format(named.replace(/%#/g, index).replace(/%p/g, '%o'), ...values.slice(0, places));
}

// Rows of `each`: arrays, or a tagged template table.
function rowsOf(table, values) {
  if (!(Array.isArray(table) && table.raw)) return table;
  const heads = table.raw[0].split('|').map((head) => head.trim()).filter(Boolean);
  const rows = [];
  for (let at = 0; at + heads.length <= values.length; at += heads.length) {
    rows.push(Object.fromEntries(heads.map((head, place) => [head, values[at + place]])));
  }
  return rows;
}

function withEach(add) {
  const each = (table, ...values) => (name, body, timeout) => {
    rowsOf(table, values).forEach((row, index) => {
      const bound = Array.isArray(row) ? () => body(...row) : () => body(row);
      bound.toString = () => String(body);
      add(formatName(name, row, index), bound, timeout);
    });
  };
  return Object.assign(add, { each });
}

function createJest(suite, guard) {
  const caseIn = (mode) => withEach((name, body, timeout) => suite.addCase(name, body, mode, { timeout: typeof timeout === 'number' ? timeout : undefined }));
  const groupIn = (mode) => withEach((name, body) => suite.addGroup(typeof name === 'function' ? name.name : name, body, mode));
  const test = Object.assign(caseIn(undefined), { skip: caseIn('never'), only: caseIn('only'), concurrent: caseIn(undefined), failing: caseIn('never'), todo: (name) => suite.addCase(name, undefined, 'never') });
  const describe = Object.assign(groupIn(undefined), { skip: groupIn('never'), only: groupIn('only') });
  // `xtest` waits for the learner to come that far; `test.skip` is meant never to run here.
  const xtest = caseIn('skip');
  const xdescribe = groupIn('skip');
  const expect = expectModule.create(suite, guard);
  const hooks = Object.fromEntries(['beforeAll', 'afterAll', 'beforeEach', 'afterEach'].map((name) => [name, (body) => suite.addHook(name, body)]));
  const globals = { describe, test, it: test, xtest, xit: xtest, fit: test.only, xdescribe, fdescribe: describe.only, expect, jest: mockModule.create(), ...hooks };
  Object.values(globals).forEach(Object.freeze);
  const builtins = { ...kept, '@jest/globals': { ...globals, default: undefined }, expect: { expect, default: expect }, shared: { '@jest/globals': globals } };
  return { globals, builtins, canaries: canaryBodies((one, two) => expect(one).toEqual(two)) };
}

// The arguments of node:test's functions: (name?, options?, body?).
function readArguments(values) {
  const body = values.find((value) => typeof value === 'function');
  const options = values.find((value) => value !== null && typeof value === 'object') ?? {};
  const name = typeof values[0] === 'string' ? values[0] : (body && body.name) || '<anonymous>';
  const mode = options.skip || options.todo ? 'skip' : options.only ? 'only' : undefined;
  return { name, options, body, mode };
}

// Assertions kept from before the learner's code, each looking at the built-ins first.
function keepAssertions(source, guard) {
  const kept = {};
  for (const name of Object.keys(source)) {
    const original = source[name];
    kept[name] = typeof original !== 'function' || name === 'AssertionError' || /^[A-Z]/.test(name) ? original : function (...values) {
      const changed = guard.findChanged();
      if (changed !== null) {
        channel.emit('forged', [['message', `the program changed the built-in ${changed}`]]);
        channel.leave(0);
      }
      return apply(original, this, values);
    };
  }
  const main = Object.assign((...values) => kept.ok(...values), kept);
  return main;
}

function createNode(suite, guard) {
  const caseIn = (mode) => (...values) => {
    const { name, options, body, mode: own } = readArguments(values);
    suite.addCase(name, body, mode ?? own, { timeout: Number.isFinite(options.timeout) ? options.timeout : 600000, style: 'node' });
  };
  const groupIn = (mode) => (...values) => {
    const { name, body, mode: own } = readArguments(values);
    suite.addGroup(name, body ?? (() => {}), mode ?? own);
  };
  const test = Object.assign(caseIn(undefined), { skip: caseIn('skip'), only: caseIn('only'), todo: caseIn('skip') });
  const describe = Object.assign(groupIn(undefined), { skip: groupIn('skip'), only: groupIn('only'), todo: groupIn('skip') });
  const hooks = { before: (body) => suite.addHook('beforeAll', body), after: (body) => suite.addHook('afterAll', body), beforeEach: (body) => suite.addHook('beforeEach', body), afterEach: (body) => suite.addHook('afterEach', body) };
  const strict = keepAssertions(assertModule.strict, guard);
  const assert = keepAssertions(assertModule, guard);
  assert.strict = strict;
  strict.strict = strict;
  const api = Object.assign((...values) => test(...values), { test, it: test, describe, suite: describe, skip: test.skip, only: test.only, todo: test.todo, ...hooks });
  Object.defineProperty(api, 'mock', { get: () => require('node:test').mock, enumerable: true });
  const builtins = { ...kept, test: api, assert, 'assert/strict': strict, shared: {} };
  return { globals: {}, builtins, canaries: canaryBodies((one, two) => assert.deepStrictEqual(one, two)) };
}

module.exports = { create };
