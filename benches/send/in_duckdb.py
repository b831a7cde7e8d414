"""Lets DuckDB choose the same people for a campaign, through its Python client.

in_duckdb.py FOLDER load         customers.csv, earlier.csv and hours.csv into shop.duckdb
in_duckdb.py FOLDER THREADS      the choice; 0 threads: as many as it likes
"""

import pathlib
import sys

import duckdb

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from beside import say

RUNS = 7
# Each for the first reason that holds, in the order of the product's own; who is in two earlier campaigns has had enough.
CHOSEN = """
    CREATE OR REPLACE TABLE plan AS
    WITH first AS (
      SELECT slot, email, countries,
        CASE WHEN email IS NULL THEN 'NoAddress' WHEN state = 4 THEN 'InvalidAddress'
             WHEN state IN (3, 5) THEN 'Unsubscribed' WHEN state <> 1 THEN 'NoConsent'
             WHEN is_suppressed = 1 THEN 'Suppressed' END AS why
      FROM customers),
    second AS (
      SELECT slot, countries, row_number() OVER (PARTITION BY email ORDER BY slot) > 1 AS is_twin FROM first WHERE why IS NULL),
    capped AS (SELECT slot, true AS is_capped FROM earlier GROUP BY slot HAVING count(*) >= 2)
    SELECT slot, why, NULL AS not_before FROM first WHERE why IS NOT NULL
    UNION ALL
    SELECT slot, CASE WHEN is_twin THEN 'DuplicateAddress' WHEN is_capped THEN 'FrequencyCap' END, not_before
    FROM second LEFT JOIN capped USING (slot) LEFT JOIN hours USING (countries)
"""


def load(folder):
    shop = duckdb.connect(f"{folder}/shop.duckdb")
    for name in ("customers", "earlier", "hours"):
        shop.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{folder}/{name}.csv', header = true, nullstr = '')")
    shop.execute("CHECKPOINT")
    shop.close()


def ask(folder, threads):
    shop = duckdb.connect(f"{folder}/shop.duckdb", config={"threads": threads} if threads else {})

    def chosen():
        shop.execute(CHOSEN)
        rows = shop.execute("SELECT coalesce(why, CAST(not_before AS VARCHAR)), count(*) FROM plan GROUP BY ALL").fetchall()
        return dict(rows)

    say("planned", RUNS, chosen, lambda answer: {"found": answer})
    shop.close()


if __name__ == "__main__":
    folder, what = sys.argv[1:]
    if what == "load":
        load(folder)
    else:
        ask(folder, int(what))
