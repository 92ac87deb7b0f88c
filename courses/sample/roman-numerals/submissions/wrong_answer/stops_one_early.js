const NUMERALS = [
  [1000, 'M'], [900, 'CM'], [500, 'D'], [400, 'CD'], [100, 'C'], [90, 'XC'],
  [50, 'L'], [40, 'XL'], [10, 'X'], [9, 'IX'], [5, 'V'], [4, 'IV'], [1, 'I'],
];

function toRoman(number) {
  if (!Number.isInteger(number) || number < 1 || number > 3999) throw new RangeError('no');
  let roman = '';
  for (const [value, letters] of NUMERALS) {
    while (number > value) {
      roman += letters;
      number -= value;
    }
  }
  return roman;
}

module.exports = { toRoman };
