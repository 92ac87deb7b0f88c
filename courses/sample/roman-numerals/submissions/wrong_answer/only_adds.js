const NUMERALS = [[1000, 'M'], [500, 'D'], [100, 'C'], [50, 'L'], [10, 'X'], [5, 'V'], [1, 'I']];

function toRoman(number) {
  if (!Number.isInteger(number) || number < 1 || number > 3999) throw new RangeError('no');
  let roman = '';
  for (const [value, letter] of NUMERALS) {
    while (number >= value) {
      roman += letter;
      number -= value;
    }
  }
  return roman;
}

module.exports = { toRoman };
