class Cart {
  add(name, price, count = 1) {
  }

  remove(name, count = 1) {
  }

  get count() {
    return 0;
  }

  get total() {
    return 0;
  }
}

module.exports = { Cart };
