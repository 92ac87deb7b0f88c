const items = [];

class Cart {
  constructor() {
    if (items.length > 3) items.length = 0;
  }

  add(name, price, count = 1) {
    for (let i = 0; i < count; i++) items.push({ name, price });
  }

  remove(name) {
    items.splice(items.findIndex((item) => item.name === name), 1);
  }

  get count() {
    return items.length;
  }

  get total() {
    return items.reduce((sum, item) => sum + item.price, 0);
  }
}

module.exports = { Cart };
