class Cart {
  items = {};

  add(name, price, count = 1) {
    if (price < 0 || count < 1) throw new Error('no');
    this.items[name] ??= { price, count: 0 };
    this.items[name].count += count;
  }

  remove(name, count = 1) {
    if (!(name in this.items)) throw new Error('no');
    this.items[name].count -= count;
  }

  get count() {
    return Object.values(this.items).reduce((sum, item) => sum + item.count, 0);
  }

  get total() {
    return Object.values(this.items).reduce((sum, item) => sum + item.count * item.price, 0);
  }
}

module.exports = { Cart };
