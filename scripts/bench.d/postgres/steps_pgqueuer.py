"""Durable steps with PgQueuer: jobs that are there already are taken in batches, run, and recorded as done in batches.

    steps_pgqueuer.py prepare STEPS        makes the schema and enqueues the jobs, in batches
    steps_pgqueuer.py run STEPS WIDTH      takes and runs them; only this is measured

libpq's variables say where the server is. A job whose worker has died is given to another one: a step may run again, and
one that was run may yet be unrecorded for a tenth of a second.
"""

import sys

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.domain.types import QueueExecutionMode
from pgqueuer.queries import Queries

BATCH = 1_000


async def prepare(steps):
    connection = await asyncpg.connect()
    queries = Queries(AsyncpgDriver(connection))
    await queries.install()
    for first in range(0, steps, BATCH):
        numbers = range(first, min(first + BATCH, steps))
        await queries.enqueue(["step"] * len(numbers), [f"order-{n}".encode() for n in numbers], [0] * len(numbers))
    await connection.close()


async def run(steps):
    width, done = int(sys.argv[3]), 0
    connection = await asyncpg.connect()
    queue = PgQueuer(AsyncpgDriver(connection))

    @queue.entrypoint("step")
    async def step(job):
        nonlocal done
        done += 1

    # It takes a batch, starts all of it, and takes the next one: twice a batch is the least that may be under way.
    await queue.run(batch_size=width, max_concurrent_tasks=2 * width, mode=QueueExecutionMode.drain)
    await connection.close()
    if done != steps:
        sys.exit(f"{done} steps of {steps}")


uvloop.run({"prepare": prepare, "run": run}[sys.argv[1]](int(sys.argv[2])))
