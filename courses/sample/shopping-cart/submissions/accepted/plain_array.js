class Cart {
  constructor() {
    this.items = [];
  }

  add(name, price, count = 1) {
    if (price < 0 || count < 1) throw new RangeError('no');
    for (let i = 0; i < count; i++) this.items.push({ name, price });
  }

  remove(name, count = 1) {
    if (!this.items.some((item) => item.name === name)) throw new Error('no');
    this.items = this.items.filter((item) => item.name !== name || count-- <= 0);
  }

  get count() {
    return this.items.length;
  }

  get total() {
    return this.items.reduce((sum, item) => sum + item.price, 0);
  }
}

module.exports = { Cart };
