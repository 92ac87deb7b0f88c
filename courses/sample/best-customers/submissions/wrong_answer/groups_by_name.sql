SELECT name, COALESCE(SUM(cents), 0) AS total FROM customers LEFT JOIN orders ON customer = customers.id
GROUP BY name ORDER BY total DESC, name;
