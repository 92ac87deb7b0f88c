const { test } = require('node:test');
const assert = require('node:assert');
const { toRoman } = require('./roman.js');

test('letters that stand for one number', () => {
  assert.strictEqual(toRoman(1), 'I');
  assert.strictEqual(toRoman(5), 'V');
  assert.strictEqual(toRoman(500), 'D');
  assert.strictEqual(toRoman(1000), 'M');
});

test('letters are added up', () => {
  assert.strictEqual(toRoman(3), 'III');
  assert.strictEqual(toRoman(27), 'XXVII');
  assert.strictEqual(toRoman(2026), 'MMXXVI');
});

test('fours and nines take away', () => {
  assert.strictEqual(toRoman(4), 'IV', '4 is one less than V');
  assert.strictEqual(toRoman(9), 'IX', '9 is one less than X');
  assert.strictEqual(toRoman(1994), 'MCMXCIV');
});

test('the largest number', () => {
  assert.strictEqual(toRoman(3999), 'MMMCMXCIX');
});

test('numbers that Romans could not write', () => {
  for (const number of [0, -1, 4000, 1.5, NaN]) {
    assert.throws(() => toRoman(number), RangeError, `toRoman(${number}) should throw a RangeError`);
  }
});
