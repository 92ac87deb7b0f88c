const DIGITS = ['', 'a', 'aa', 'aaa', 'ab', 'b', 'ba', 'baa', 'baaa', 'ac'];
const LETTERS = [['I', 'V', 'X'], ['X', 'L', 'C'], ['C', 'D', 'M'], ['M', '', '']];

exports.toRoman = (number) => {
  if (!(number >= 1 && number <= 3999) || number % 1 !== 0) throw new RangeError('out of range');
  console.log('# not ok 1 - this line is only noise');
  let roman = '';
  let place = 0;
  for (let rest = number; rest > 0; rest = Math.floor(rest / 10)) {
    const [a, b, c] = LETTERS[place];
    roman = [...DIGITS[rest % 10]].map((letter) => ({ a, b, c })[letter]).join('') + roman;
    place += 1;
  }
  return roman;
};
