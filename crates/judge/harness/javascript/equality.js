// Deep equality with jest's rules. Reads with built-ins kept from before the learner's code.
'use strict';
const { ownKeys, getPrototypeOf, getOwnPropertyDescriptor, apply } = Reflect;
const { is } = Object;
const isArray = Array.isArray;
const isView = ArrayBuffer.isView;
const tagOf = Object.prototype.toString;
const hasOwn = Object.prototype.hasOwnProperty;
const isEnumerable = Object.prototype.propertyIsEnumerable;
const dateValue = Date.prototype.getTime;
const regExpSource = getOwnPropertyDescriptor(RegExp.prototype, 'source').get;
const regExpFlags = getOwnPropertyDescriptor(RegExp.prototype, 'flags').get;
const mapSize = getOwnPropertyDescriptor(Map.prototype, 'size').get;
const setSize = getOwnPropertyDescriptor(Set.prototype, 'size').get;
const mapForEach = Map.prototype.forEach;
const setForEach = Set.prototype.forEach;
const unbox = { Number: Number.prototype.valueOf, String: String.prototype.valueOf, Boolean: Boolean.prototype.valueOf };
const DEPTH_MAX = 1000;

// Matchers such as expect.any(…): made only by `asymmetric`, honoured only on the expected side.
const asymmetricMatchers = new WeakMap();
const has = WeakMap.prototype.has;
const get = WeakMap.prototype.get;

function asymmetric(describe, match) {
  const matcher = { toString: () => describe, [Symbol.for('nodejs.util.inspect.custom')]: () => describe };
  asymmetricMatchers.set(matcher, match);
  return matcher;
}

function kindOf(value, method, values = []) {
  try { return apply(method, value, values), true; } catch { return false; }
}

function isMap(value) { return kindOf(value, mapSize); }
function isSet(value) { return kindOf(value, setSize); }

function equals(actual, expected, strict, pairs = [], depth = 0) {
  if (depth > DEPTH_MAX) throw new Error('the values are nested too deeply to compare');
  const isObject = typeof expected === 'object' && expected !== null;
  if (isObject && apply(has, asymmetricMatchers, [expected])) return apply(get, asymmetricMatchers, [expected])(actual) === true;
  if (is(actual, expected)) return true;
  if (typeof actual !== 'object' || actual === null || !isObject) return false;
  const tag = apply(tagOf, expected, []);
  if (apply(tagOf, actual, []) !== tag || isArray(actual) !== isArray(expected)) return false;
  for (let at = 0; at < pairs.length; at += 2) {
    if (pairs[at] === actual) return pairs[at + 1] === expected;
  }
  pairs[pairs.length] = actual;
  pairs[pairs.length] = expected;
  if (strict && getPrototypeOf(actual) !== getPrototypeOf(expected)) return false;
  const result = compareObjects(actual, expected, { strict, pairs, depth: depth + 1, tag });
  pairs.length -= 2;
  return result;
}

function compareObjects(actual, expected, state) {
  const { tag } = state;
  if (expected instanceof Error) return actual.message === expected.message && actual.name === expected.name;
  if (kindOf(expected, dateValue)) {
    return kindOf(actual, dateValue) && is(apply(dateValue, actual, []), apply(dateValue, expected, []));
  }
  if (tag === '[object RegExp]') {
    return apply(regExpSource, actual, []) === apply(regExpSource, expected, []) && apply(regExpFlags, actual, []) === apply(regExpFlags, expected, []);
  }
  for (const name of ['Number', 'String', 'Boolean']) {
    if (kindOf(expected, unbox[name])) {
      return kindOf(actual, unbox[name]) && is(apply(unbox[name], actual, []), apply(unbox[name], expected, []));
    }
  }
  if (isMap(expected)) return isMap(actual) && compareMaps(actual, expected, state);
  if (isSet(expected)) return isSet(actual) && compareSets(actual, expected, state);
  if (isView(expected) && !isView(actual)) return false;
  return compareProperties(actual, expected, state);
}

function entriesOf(map) {
  const entries = [];
  apply(mapForEach, map, [(value, key) => { entries[entries.length] = [key, value]; }]);
  return entries;
}

function valuesOf(set) {
  const values = [];
  apply(setForEach, set, [(value) => { values[values.length] = value; }]);
  return values;
}

// Every expected element finds an actual one of its own.
function matchUnordered(actuals, expecteds, same) {
  if (actuals.length !== expecteds.length) return false;
  const used = [];
  for (let at = 0; at < expecteds.length; at += 1) {
    let found = false;
    for (let other = 0; other < actuals.length && !found; other += 1) {
      if (used[other] !== true && same(actuals[other], expecteds[at])) {
        used[other] = true;
        found = true;
      }
    }
    if (!found) return false;
  }
  return true;
}

function compareMaps(actual, expected, { strict, pairs, depth }) {
  return matchUnordered(entriesOf(actual), entriesOf(expected), (one, two) =>
    equals(one[0], two[0], strict, pairs, depth) && equals(one[1], two[1], strict, pairs, depth));
}

function compareSets(actual, expected, { strict, pairs, depth }) {
  return matchUnordered(valuesOf(actual), valuesOf(expected), (one, two) => equals(one, two, strict, pairs, depth));
}

function enumerableKeys(value) {
  const keys = ownKeys(value);
  const kept = [];
  for (let at = 0; at < keys.length; at += 1) {
    if (apply(isEnumerable, value, [keys[at]])) kept[kept.length] = keys[at];
  }
  return kept;
}

function compareProperties(actual, expected, { strict, pairs, depth }) {
  if (isArray(expected) && actual.length !== expected.length) return false;
  const expectedKeys = enumerableKeys(expected);
  for (let at = 0; at < expectedKeys.length; at += 1) {
    const key = expectedKeys[at];
    if (strict && !apply(hasOwn, actual, [key])) return false;
    if (!equals(actual[key], expected[key], strict, pairs, depth)) return false;
  }
  const actualKeys = enumerableKeys(actual);
  for (let at = 0; at < actualKeys.length; at += 1) {
    const key = actualKeys[at];
    if (!apply(hasOwn, expected, [key]) && (strict || actual[key] !== undefined)) return false;
  }
  return true;
}

// jest's toMatchObject: what `expected` has must be there and equal.
function matchesSubset(actual, expected, depth = 0) {
  if (depth > DEPTH_MAX) throw new Error('the values are nested too deeply to compare');
  if (typeof expected !== 'object' || expected === null || apply(has, asymmetricMatchers, [expected])) return equals(actual, expected, false);
  if (typeof actual !== 'object' || actual === null) return false;
  if (isArray(expected)) {
    if (!isArray(actual) || actual.length !== expected.length) return false;
  } else if (isMap(expected) || isSet(expected) || expected instanceof Error || kindOf(expected, dateValue)) {
    return equals(actual, expected, false);
  }
  const keys = enumerableKeys(expected);
  for (let at = 0; at < keys.length; at += 1) {
    if (!(keys[at] in actual) || !matchesSubset(actual[keys[at]], expected[keys[at]], depth + 1)) return false;
  }
  return true;
}

module.exports = { equals, matchesSubset, asymmetric, isMap, isSet };
