class Cart {
  add(name, price, count = 1 {
    this.total += price * count;
  }
}

module.exports = { Cart };
