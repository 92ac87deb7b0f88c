function toRoman(number) {
}

module.exports = { toRoman };
