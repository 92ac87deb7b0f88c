CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, cents INTEGER);
INSERT INTO customers VALUES (1, 'Ada'), (2, 'Blaise');
INSERT INTO orders (customer, cents) VALUES (1, 1200), (2, 400), (2, 900);
