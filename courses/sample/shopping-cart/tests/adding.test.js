const { Cart } = require('./cart');

describe('adding', () => {
  let cart;

  beforeEach(() => {
    cart = new Cart();
  });

  test('an empty cart costs nothing', () => {
    expect(cart.count).toBe(0);
    expect(cart.total).toBe(0);
  });

  test('one thing', () => {
    cart.add('apple', 30);
    expect(cart.count).toBe(1);
    expect(cart.total).toBe(30);
  });

  test('several of a thing', () => {
    cart.add('apple', 30, 3);
    cart.add('pear', 45);
    cart.add('apple', 30);
    expect(cart.count).toBe(5);
    expect(cart.total).toBe(165);
  });

  test('what makes no sense is refused', () => {
    expect(() => cart.add('apple', -1)).toThrow(Error);
    expect(() => cart.add('apple', 30, 0)).toThrow(Error);
    expect(cart.count).toBe(0);
  });
});
