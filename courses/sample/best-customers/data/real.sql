CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers, cents INTEGER);
INSERT INTO customers VALUES (1, 'Ada'), (2, 'Blaise'), (3, 'Carl'), (4, 'Ada'), (5, 'Emmy');
INSERT INTO orders (customer, cents) VALUES (5, 300), (3, 100), (3, 200), (1, 50), (4, 700);
