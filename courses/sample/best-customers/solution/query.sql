SELECT customers.name, COALESCE(SUM(orders.cents), 0) AS total
FROM customers
LEFT JOIN orders ON orders.customer = customers.id
GROUP BY customers.id
ORDER BY total DESC, customers.name;
