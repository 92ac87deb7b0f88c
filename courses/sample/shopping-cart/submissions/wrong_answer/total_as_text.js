class Cart {
  items = [];

  add(name, price, count = 1) {
    if (price < 0 || count < 1) throw new Error('no');
    for (let i = 0; i < count; i++) this.items.push([name, price]);
  }

  remove(name, count = 1) {
    if (!this.items.some(([other]) => other === name)) throw new Error('no');
    this.items = this.items.filter(([other]) => other !== name || count-- <= 0);
  }

  get count() {
    return this.items.length;
  }

  get total() {
    return this.items.reduce((sum, [, price]) => sum + price, 0).toFixed(0);
  }
}

module.exports = { Cart };
