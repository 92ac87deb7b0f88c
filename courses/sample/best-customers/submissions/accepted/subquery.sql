SELECT name,
       (SELECT COALESCE(SUM(cents), 0) FROM orders WHERE customer = customers.id) AS total
FROM customers
ORDER BY total DESC, name;
