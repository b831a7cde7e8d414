"""Asks DuckDB, through its Python client, ids into a numpy array.

in_duckdb.py FOLDER load         customers.csv and orders.csv into shop.duckdb and core.parquet
in_duckdb.py FOLDER THREADS      the questions; 0 threads: as many as it likes
"""

import pathlib
import sys

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

import beside
from questions import REPEATS, SEARCH, SIX, TOP, WINDOW, digest


def load(folder):
    shop = duckdb.connect(f"{folder}/shop.duckdb")
    shop.execute(
        f"""
        CREATE TABLE customers AS
          SELECT *, strip_accents(lower(concat_ws(chr(10), first_name, last_name, email))) AS folded
          FROM read_csv('{folder}/customers.csv', header = true, columns = {{
            id: 'UBIGINT', first_name: 'VARCHAR', last_name: 'VARCHAR', email: 'VARCHAR', added_at: 'UINTEGER',
            first_order_at: 'UINTEGER', last_order_at: 'UINTEGER', orders: 'USMALLINT', spent: 'INTEGER',
            email_state: 'UTINYINT', account_state: 'UTINYINT'}});
        CREATE TABLE orders AS
          SELECT * FROM read_csv('{folder}/orders.csv', header = true, columns = {{
            customer: 'UBIGINT', placed_at: 'UINTEGER', net: 'INTEGER', state: 'UTINYINT'}});
        COPY (SELECT id, added_at, first_order_at, last_order_at, orders, spent, email_state, account_state
              FROM customers) TO '{folder}/core.parquet' (FORMAT parquet);
        CHECKPOINT;
        """
    )
    shop.close()


def say(asked, run):
    beside.say(asked, REPEATS, run, lambda ids: {"found": len(ids), "digest": digest(ids)})


def ask(folder, threads):
    def connect():
        settings = {"threads": threads} if threads else {}
        return duckdb.connect(f"{folder}/shop.duckdb", read_only=True, config=settings)

    shop = connect()

    def of(sql):
        return lambda: shop.execute(sql).fetchnumpy()["id"]

    say("six predicates", of(SIX))
    say("text search", of(f"{SEARCH} WHERE contains(folded, 'jose') AND contains(folded, 'garcia')"))
    say("top 50 by spend", of(TOP))
    say("order window", of(WINDOW))
    say("stored bytes to ids: parquet", of(SIX.replace("FROM customers", f"FROM '{folder}/core.parquet'")))
    shop.close()

    def opened():
        shop = connect()
        ids = shop.execute(SIX).fetchnumpy()["id"]
        shop.close()
        return ids

    say("stored bytes to ids: its own file", opened)


if __name__ == "__main__":
    folder, what = sys.argv[1:]
    if what == "load":
        load(folder)
    else:
        ask(folder, int(what))
