const { Cart } = require('./cart');

describe('removing', () => {
  test('one of several', () => {
    const cart = new Cart();
    cart.add('apple', 30, 3);
    cart.remove('apple');
    expect(cart.count).toBe(2);
    expect(cart.total).toBe(60);
  });

  test('more than there are', () => {
    const cart = new Cart();
    cart.add('apple', 30, 3);
    cart.add('pear', 45);
    cart.remove('apple', 7);
    expect(cart.count).toBe(1);
    expect(cart.total).toBe(45);
  });

  test('what is not there', () => {
    const cart = new Cart();
    expect(() => cart.remove('apple')).toThrow(Error);
  });
});
