SELECT name, SUM(price) FROM customers JOIN orders ON customer = customers.id GROUP BY customers.id;
