"""The folds as SQL, asked of DuckDB on one thread: one JSON line for each.

in_duckdb.py FOLDER     with orders.csv in it
"""

import pathlib
import sys

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from beside import say

TODAY = 20_500
REPEATS = 5

# Ranks of equals are equal: one less is how many are strictly worse.
RFM = """
SELECT r, f, m, count(*), sum(orders)::BIGINT, sum(spent)::BIGINT FROM (
  SELECT orders, spent,
         1 + 5 * (rank() OVER (ORDER BY last_day) - 1) // count(*) OVER () AS r,
         1 + 5 * (rank() OVER (ORDER BY orders) - 1) // count(*) OVER () AS f,
         1 + 5 * (rank() OVER (ORDER BY spent) - 1) // count(*) OVER () AS m
  FROM customers)
GROUP BY ALL ORDER BY ALL
"""
# Months are counted from January 1970, by DuckDB's own calendar.
COHORTS = """
SELECT began, month, count(DISTINCT customer), count(*), sum(net)::BIGINT FROM (
  SELECT customer, net, began, datediff('month', DATE '1970-01-01', DATE '1970-01-01' + day) AS month
  FROM orders JOIN customers USING (customer))
GROUP BY ALL ORDER BY ALL
"""
REVENUE = f"""
SELECT day, count(DISTINCT customer), count(*), sum(net)::BIGINT FROM orders
WHERE day BETWEEN {TODAY - 89} AND {TODAY} GROUP BY day ORDER BY day
"""


def main():
    shop = duckdb.connect()
    shop.execute(
        f"""
        CREATE TABLE orders AS SELECT * FROM read_csv('{sys.argv[1]}/orders.csv', header = true,
          columns = {{customer: 'UINTEGER', day: 'INTEGER', net: 'BIGINT'}});
        CREATE TABLE customers AS
          SELECT customer, max(day) AS last_day, count(*) AS orders, sum(net)::BIGINT AS spent,
                 datediff('month', DATE '1970-01-01', DATE '1970-01-01' + min(day)) AS began
          FROM orders GROUP BY customer;
        SET threads = 1;
        """
    )
    for asked, sql in [("RFM", RFM), ("cohorts", COHORTS), ("revenue of 90 days", REVENUE)]:
        say(asked, REPEATS, lambda: shop.execute(sql).fetchall(), lambda rows: {"answer": rows})


if __name__ == "__main__":
    main()
