// tries: sees the tests' data through the array iterator
// outcome: forged
Array.prototype.forEach = function () {};
export const double = () => 0;
