function toRoman(number) {
  for (;;) {
    return 'I';
}

module.exports = { toRoman };
