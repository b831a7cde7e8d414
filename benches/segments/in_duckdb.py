"""Asks DuckDB the same of the same shop, through its Python client.

in_duckdb.py FOLDER load         customers.csv and orders.csv into shop.duckdb
in_duckdb.py FOLDER THREADS      the questions; 0 threads: as many as it likes
"""

import json
import pathlib
import sys

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from beside import say

FEW, REPEATS, ONCE = 3, 15, 1
FIRST_ID, STEP = 7_000_000_000_000, 37


def load(folder):
    shop = duckdb.connect(f"{folder}/shop.duckdb")
    shop.execute(
        f"""
        CREATE TABLE customers AS
          SELECT * FROM read_csv('{folder}/customers.csv', header = true, columns = {{
            id: 'UBIGINT', first_name: 'VARCHAR', last_name: 'VARCHAR', email: 'VARCHAR', added_at: 'UINTEGER',
            first_order_at: 'UINTEGER', last_order_at: 'UINTEGER', orders: 'USMALLINT', spent: 'INTEGER',
            email_state: 'UTINYINT', account_state: 'UTINYINT'}});
        CREATE TABLE orders AS
          SELECT * FROM read_csv('{folder}/orders.csv', header = true, columns = {{
            customer: 'UBIGINT', placed_at: 'UINTEGER', net: 'INTEGER', state: 'UTINYINT'}});
        CHECKPOINT;
        """
    )
    shop.close()


def found(answer):
    return {"found": answer}


def ask(folder, threads):
    rules = json.load(open(f"{folder}/rules.json"))

    def connect():
        settings = {"threads": threads} if threads else {}
        return duckdb.connect(f"{folder}/shop.duckdb", read_only=True, config=settings)

    def preview(shop):
        (rule,) = rules["preview"]
        counts = ", ".join(f"count(*) FILTER ({leaf})" for leaf in rule["leaves"])
        total, spent, *leaves = shop.execute(
            f"SELECT count(*) FILTER ({rule['sql']}), sum(spent) FILTER ({rule['sql']}), {counts} FROM customers"
        ).fetchone()
        top = shop.execute(
            f"SELECT id, first_name, last_name, email FROM customers WHERE {rule['sql']} ORDER BY spent DESC, id DESC LIMIT 5"
        ).fetchall()
        return [total, int(spent or 0), leaves, [(row[0] - FIRST_ID) // STEP for row in top]]

    def opened():
        shop = connect()
        answer = preview(shop)
        shop.close()
        return answer

    say("preview, cold", FEW, opened, found)
    shop = connect()
    say("preview, warm", REPEATS, lambda: preview(shop), found)

    def together(of):
        counts = ", ".join(f"count(*) FILTER ({rule['sql']})" for rule in rules[of])
        return list(shop.execute(f"SELECT {counts} FROM customers").fetchone())

    def one_by_one(of):
        asked = "SELECT count(*) FROM customers WHERE "
        return [shop.execute(asked + rule["sql"]).fetchone()[0] for rule in rules[of]]

    # Minutes of a million: by one thread alone.
    if threads == 1:
        say("100 rules in one pass", ONCE, lambda: together("any"), found)
        say("100 rules in 100 passes", ONCE, lambda: one_by_one("any"), found)
        say("midnight sweep", ONCE, lambda: one_by_one("timely"), found)
    shop.close()


if __name__ == "__main__":
    folder, what = sys.argv[1:]
    if what == "load":
        load(folder)
    else:
        ask(folder, int(what))
