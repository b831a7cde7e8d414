"""The five questions in SQL, and the digest that an engine's ids are held against. Numbers are those of main.rs."""

NOW = 1_795_000_000
DAY = 86_400
REPEATS = 15

SIX = f"""SELECT id FROM customers WHERE spent >= 10000 AND orders >= 3 AND last_order_at >= {NOW - 365 * DAY}
    AND added_at <= {NOW - 180 * DAY} AND email_state = 1 AND NOT account_state = 2"""
SEARCH = "SELECT id FROM customers"
TOP = "SELECT id FROM customers ORDER BY spent DESC, id DESC LIMIT 50"
WINDOW = f"""SELECT customer AS id FROM orders WHERE placed_at >= {NOW - 90 * DAY} AND net >= 1500 AND state = 2
    GROUP BY customer HAVING count(*) >= 2 AND sum(net) >= 6000"""


def digest(ids):
    """The same for the same ids, in whatever order they come: the sum of their squares, modulo 2^64."""
    return f"{sum(int(one) * int(one) for one in ids) % 2**64:x}"
