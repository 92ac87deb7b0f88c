// jest's `expect` on our own: matchers that the learner's code cannot change.
'use strict';
const util = require('util');
const channel = require('./channel.js');
const { equals, matchesSubset, asymmetric, isMap, isSet } = require('./equality.js');
const { apply } = Reflect;
const { is, freeze, setPrototypeOf } = Object;
const isArray = Array.isArray;
const inspectValue = util.inspect;
const ordinaryHasInstance = Function.prototype[Symbol.hasInstance];
const isInstance = (value, type) => apply(ordinaryHasInstance, type, [value]);
const testRegExp = RegExp.prototype.test;
const contains = String.prototype.includes;
const ErrorClass = Error;
const ITERATED_MAX = 100000;
const mocks = new WeakMap();

const show = (value) => (value instanceof ErrorClass ? `${value.name}: ${value.message}` : inspectValue(value, { depth: 8, customInspect: false, breakLength: 80, maxArrayLength: 200, maxStringLength: 2000 }));

class AssertionFailure extends ErrorClass {
  constructor(message) {
    super(message);
    this.name = 'AssertionError';
    this.isAssertion = true;
  }
}

function iterate(value) {
  if (typeof value === 'string') return value;
  const items = [];
  for (const item of value) {
    if (items.length >= ITERATED_MAX) throw new AssertionFailure(`more than ${ITERATED_MAX} elements`);
    items[items.length] = item;
  }
  return items;
}

function compareNumbers(actual, expected, name, compare) {
  for (const value of [actual, expected]) {
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      throw new AssertionFailure(`expect(received).${name}(expected)\n\na number or bigint is needed\n\nReceived: ${show(value)}`);
    }
  }
  return { pass: compare(actual, expected), expected };
}

function thrownBy(actual, fromPromise) {
  if (fromPromise) return { threw: true, error: actual };
  if (typeof actual !== 'function') throw new AssertionFailure(`expect(received).toThrow()\n\nreceived value must be a function\n\nReceived: ${show(actual)}`);
  try {
    apply(actual, undefined, []);
  } catch (error) {
    return { threw: true, error };
  }
  return { threw: false };
}

function matchThrown(actual, [expected], state) {
  const { threw, error } = thrownBy(actual, state.fromPromise);
  const message = threw ? String((error !== null && typeof error === 'object' && 'message' in error) ? error.message : error) : '';
  const received = threw ? `${show(message)} (${(error && error.name) || typeof error})` : 'nothing was thrown';
  let pass = threw;
  if (threw && typeof expected === 'string') pass = apply(contains, message, [expected]);
  else if (threw && expected instanceof RegExp) pass = apply(testRegExp, expected, [message]);
  else if (threw && typeof expected === 'function') pass = isInstance(error, expected);
  else if (threw && expected !== undefined && expected !== null) {
    pass = 'message' in expected ? message === expected.message : equals(error, expected, false);
  }
  const wanted = expected === undefined ? 'an error' : typeof expected === 'function' ? expected.name : expected && expected.message !== undefined ? show(expected.message) : show(expected);
  return { pass, text: `Expected to throw: ${wanted}\nReceived: ${received}` };
}

function readPath(value, keys) {
  const parts = isArray(keys) ? keys : String(keys).split(/[.[\]]+/).filter((part) => part !== '');
  let at = value;
  for (const part of parts) {
    if (at === null || at === undefined || !(part in Object(at))) return { found: false };
    at = at[part];
  }
  return { found: true, value: at };
}

function callsOf(mock) {
  const state = mocks.get(mock);
  if (!state) throw new AssertionFailure('received value must be a mock function (jest.fn or jest.spyOn)');
  return state;
}

const MATCHERS = {
  toBe: (actual, [expected]) => ({ pass: is(actual, expected), expected, note: 'Object.is equality' }),
  toEqual: (actual, [expected]) => ({ pass: equals(actual, expected, false), expected, note: 'deep equality' }),
  toStrictEqual: (actual, [expected]) => ({ pass: equals(actual, expected, true), expected, note: 'deep strict equality' }),
  toBeDefined: (actual) => ({ pass: actual !== undefined }),
  toBeUndefined: (actual) => ({ pass: actual === undefined }),
  toBeNull: (actual) => ({ pass: actual === null }),
  toBeNaN: (actual) => ({ pass: typeof actual === 'number' && is(actual, NaN) }),
  toBeTruthy: (actual) => ({ pass: !!actual }),
  toBeFalsy: (actual) => ({ pass: !actual }),
  toBeGreaterThan: (actual, [expected]) => compareNumbers(actual, expected, 'toBeGreaterThan', (one, two) => one > two),
  toBeGreaterThanOrEqual: (actual, [expected]) => compareNumbers(actual, expected, 'toBeGreaterThanOrEqual', (one, two) => one >= two),
  toBeLessThan: (actual, [expected]) => compareNumbers(actual, expected, 'toBeLessThan', (one, two) => one < two),
  toBeLessThanOrEqual: (actual, [expected]) => compareNumbers(actual, expected, 'toBeLessThanOrEqual', (one, two) => one <= two),
  toBeCloseTo(actual, [expected, digits = 2]) {
    const result = compareNumbers(actual, expected, 'toBeCloseTo', (one, two) => is(one, two) || Math.abs(one - two) < 10 ** -digits / 2);
    return { ...result, note: `${digits} digits` };
  },
  toBeInstanceOf: (actual, [type]) => ({ pass: isInstance(actual, type), text: `Expected constructor: ${type && type.name}\nReceived: ${show(actual)}` }),
  toContain(actual, [item]) {
    if (typeof actual === 'string') return { pass: apply(contains, actual, [item]), expected: item };
    const items = iterate(actual);
    let pass = false;
    for (let at = 0; at < items.length && !pass; at += 1) pass = items[at] === item || is(items[at], item);
    return { pass, expected: item };
  },
  toContainEqual(actual, [item]) {
    const items = iterate(actual);
    let pass = false;
    for (let at = 0; at < items.length && !pass; at += 1) pass = equals(items[at], item, false);
    return { pass, expected: item };
  },
  toHaveLength: (actual, [expected]) => ({ pass: actual !== null && actual !== undefined && is(actual.length, expected), text: `Expected length: ${expected}\nReceived length: ${actual && show(actual.length)}\nReceived: ${show(actual)}` }),
  toMatch(actual, [expected]) {
    if (typeof actual !== 'string') throw new AssertionFailure(`expect(received).toMatch(expected)\n\nreceived value must be a string\n\nReceived: ${show(actual)}`);
    return { pass: typeof expected === 'string' ? apply(contains, actual, [expected]) : apply(testRegExp, expected, [actual]), expected };
  },
  toMatchObject: (actual, [expected]) => ({ pass: matchesSubset(actual, expected), expected }),
  toHaveProperty(actual, values) {
    const { found, value } = readPath(actual, values[0]);
    const pass = found && (values.length < 2 || equals(value, values[1], false));
    return { pass, text: `Expected path: ${show(values[0])}${values.length > 1 ? `\nExpected value: ${show(values[1])}` : ''}\nReceived: ${found ? show(value) : show(actual)}` };
  },
  toThrow: matchThrown,
  toThrowError: matchThrown,
  toHaveBeenCalled: (mock) => ({ pass: callsOf(mock).calls.length > 0, text: `Number of calls: ${callsOf(mock).calls.length}` }),
  toHaveBeenCalledTimes: (mock, [count]) => ({ pass: callsOf(mock).calls.length === count, text: `Expected number of calls: ${count}\nReceived number of calls: ${callsOf(mock).calls.length}` }),
  toHaveBeenCalledWith: (mock, values) => ({ pass: callsOf(mock).calls.some((call) => equals(call, values, false)), text: `Expected: ${show(values)}\nReceived: ${show(callsOf(mock).calls)}` }),
  toHaveBeenLastCalledWith: (mock, values) => ({ pass: equals(callsOf(mock).calls.at(-1), values, false), text: `Expected: ${show(values)}\nReceived: ${show(callsOf(mock).calls.at(-1))}` }),
  toHaveBeenNthCalledWith: (mock, [nth, ...values]) => ({ pass: equals(callsOf(mock).calls[nth - 1], values, false), text: `Expected call ${nth}: ${show(values)}\nReceived: ${show(callsOf(mock).calls[nth - 1])}` }),
  toHaveReturned: (mock) => ({ pass: callsOf(mock).results.some((result) => result.type === 'return') }),
  toHaveReturnedTimes: (mock, [count]) => ({ pass: callsOf(mock).results.filter((result) => result.type === 'return').length === count, expected: count }),
  toHaveReturnedWith: (mock, [value]) => ({ pass: callsOf(mock).results.some((result) => result.type === 'return' && equals(result.value, value, false)), expected: value }),
};
for (const [alias, name] of [['toBeCalled', 'toHaveBeenCalled'], ['toBeCalledTimes', 'toHaveBeenCalledTimes'], ['toBeCalledWith', 'toHaveBeenCalledWith'],
  ['lastCalledWith', 'toHaveBeenLastCalledWith'], ['nthCalledWith', 'toHaveBeenNthCalledWith'], ['toReturn', 'toHaveReturned'], ['toReturnWith', 'toHaveReturnedWith']]) {
  MATCHERS[alias] = MATCHERS[name];
}

function create(suite, guard) {
  const own = { ...MATCHERS };
  setPrototypeOf(own, null);

  function checkBuiltins() {
    const changed = guard.findChanged();
    if (changed !== null) {
      channel.emit('forged', [['message', `the program changed the built-in ${changed}`]]);
      channel.leave(0);
    }
  }

  function decide(name, actual, values, state) {
    checkBuiltins();
    const result = own[name](actual, values, state);
    if (result.pass === !state.not) return;
    const call = `expect(received)${state.promise ?? ''}${state.not ? '.not' : ''}.${name}(${values.length ? 'expected' : ''})`;
    const text = result.text ?? ('expected' in result ? `Expected: ${state.not ? 'not ' : ''}${show(result.expected)}\nReceived: ${show(actual)}` : `Received: ${show(actual)}`);
    throw new AssertionFailure(`${result.message ?? call}${result.note ? ` // ${result.note}` : ''}\n\n${text}`);
  }

  function matchersFor(actual, state) {
    const matchers = {};
    for (const name in own) matchers[name] = (...values) => decide(name, actual, values, state);
    return matchers;
  }

  function asynchronous(actual, state) {
    const matchers = {};
    const resolves = state.promise === '.resolves';
    for (const name in own) {
      matchers[name] = async (...values) => {
        const promise = typeof actual === 'function' && !resolves ? actual() : actual;
        let value;
        let rejected = false;
        try { value = await promise; } catch (error) { value = error; rejected = true; }
        if (rejected === resolves) {
          throw new AssertionFailure(`expect(received)${state.promise}.${name}()\n\nReceived promise ${rejected ? 'rejected' : 'resolved'} instead of ${resolves ? 'resolved' : 'rejected'}\n${rejected ? 'Rejected' : 'Resolved'} to value: ${show(value)}`);
        }
        decide(name, value, values, { ...state, fromPromise: rejected });
      };
    }
    return matchers;
  }

  function expect(actual) {
    checkBuiltins();
    const matchers = matchersFor(actual, {});
    matchers.not = matchersFor(actual, { not: true });
    for (const promise of ['resolves', 'rejects']) {
      matchers[promise] = asynchronous(actual, { promise: `.${promise}` });
      matchers[promise].not = asynchronous(actual, { promise: `.${promise}`, not: true });
    }
    return matchers;
  }

  addAsymmetric(expect);
  expect.assertions = () => {};
  expect.hasAssertions = () => {};
  expect.extend = (added) => {
    if (!suite.isOpen()) throw new Error('expect.extend can be called from test files only');
    for (const [name, matcher] of Object.entries(added)) {
      if (name in MATCHERS) throw new Error(`expect.extend cannot replace the matcher ${name}`);
      own[name] = (actual, values, state) => {
        const result = apply(matcher, { isNot: Boolean(state.not), equals: (one, two) => equals(one, two, false), utils: { stringify: show, printExpected: show, printReceived: show } }, [actual, ...values]);
        return { pass: result.pass, text: result.message ? String(result.message()) : '' };
      };
    }
  };
  return freeze(expect);
}

const TYPES = new Map([[String, 'string'], [Number, 'number'], [Boolean, 'boolean'], [Function, 'function'], [BigInt, 'bigint'], [Symbol, 'symbol'], [Object, 'object']]);

function addAsymmetric(expect) {
  const make = (invert) => {
    const wrap = (describe, match) => asymmetric(`${invert ? 'not.' : ''}${describe}`, invert ? (value) => !match(value) : match);
    return {
      objectContaining: (expected) => wrap(`objectContaining(${show(expected)})`, (value) => matchesSubset(value, expected)),
      arrayContaining: (expected) => wrap(`arrayContaining(${show(expected)})`, (value) => isArray(value) && expected.every((item) => value.some((other) => equals(other, item, false)))),
      stringContaining: (expected) => wrap(`stringContaining(${show(expected)})`, (value) => typeof value === 'string' && apply(contains, value, [expected])),
      stringMatching: (expected) => wrap(`stringMatching(${show(expected)})`, (value) => typeof value === 'string' && apply(testRegExp, new RegExp(expected), [value])),
      closeTo: (expected, digits = 2) => wrap(`closeTo(${expected})`, (value) => typeof value === 'number' && Math.abs(value - expected) < 10 ** -digits / 2),
    };
  };
  Object.assign(expect, make(false), {
    not: freeze(make(true)),
    anything: () => asymmetric('anything', (value) => value !== null && value !== undefined),
    any: (type) => asymmetric(`any(${type && type.name})`, (value) => (TYPES.has(type) ? typeof value === TYPES.get(type) : false) || isInstance(value, type)),
  });
}

module.exports = { create, mocks, show, AssertionFailure, isMap, isSet };
