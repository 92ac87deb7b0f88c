SELECT name, SUM(cents) FROM customers JOIN orders ON customer = customers.id
GROUP BY customers.id ORDER BY SUM(cents) DESC, name;
