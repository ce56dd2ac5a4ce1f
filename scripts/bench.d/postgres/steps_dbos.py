"""Durable steps with DBOS: each is a workflow of its own id, with one step in it or itself the step.

    steps_dbos.py prepare STEPS              makes the schema
    steps_dbos.py run STEPS WIDTH [bare]     runs the workflows on threads; only this is measured

libpq's variables say where the server is. A workflow is recorded before it begins, a step's result after the step has
run, then the workflow's. A workflow that was interrupted is begun again, and a step that was not recorded runs again.
Coroutines, which DBOS offers as well, took a quarter more of the processor.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from dbos import DBOS, SetWorkflowID


@DBOS.step()
def step(order):
    return order


@DBOS.workflow()
def workflow(order):
    return step(order)


@DBOS.workflow()
def bare(order):
    return order


def run(steps, width, function):
    def one(number):
        with SetWorkflowID(f"order-{number}"):
            return function(f"order-{number}")

    with ThreadPoolExecutor(width) as pool:
        for number, order in enumerate(pool.map(one, range(steps))):
            if order != f"order-{number}":
                sys.exit(f"{order} is not the result of {number}")


host, port, role, database = (os.environ[name] for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE"))
DBOS(config={
    "name": "steps",
    "log_level": "WARNING",
    "system_database_url": f"postgresql://{role}@/{database}?host={host}&port={port}",
})
DBOS.launch()
try:
    if sys.argv[1] == "run":
        run(int(sys.argv[2]), int(sys.argv[3]), bare if sys.argv[4:] == ["bare"] else workflow)
finally:
    DBOS.destroy()
