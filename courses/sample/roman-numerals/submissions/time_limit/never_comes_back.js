function toRoman(number) {
  let roman = '';
  while (number !== 0) {
    number -= 2;
    if (roman.length < 10) roman += 'I';
  }
  return roman;
}

module.exports = { toRoman };
