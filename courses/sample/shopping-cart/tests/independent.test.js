const { Cart } = require('./cart');

test('two carts do not share their things', () => {
  const mine = new Cart();
  const yours = new Cart();
  mine.add('apple', 30);
  expect(mine.total).toBe(30);
  expect(yours.total).toBe(0);
});
