class Cart {
  #items = new Map();

  add(name, price, count = 1) {
    if (price < 0) throw new Error(`negative price of ${name}`);
    if (count < 1) throw new Error(`count of ${name} is below 1`);
    const before = this.#items.get(name)?.count ?? 0;
    this.#items.set(name, { price, count: before + count });
  }

  remove(name, count = 1) {
    const item = this.#items.get(name);
    if (!item) throw new Error(`no ${name} in the cart`);
    item.count -= count;
    if (item.count <= 0) this.#items.delete(name);
  }

  get count() {
    return [...this.#items.values()].reduce((sum, item) => sum + item.count, 0);
  }

  get total() {
    return [...this.#items.values()].reduce((sum, item) => sum + item.count * item.price, 0);
  }
}

module.exports = { Cart };
