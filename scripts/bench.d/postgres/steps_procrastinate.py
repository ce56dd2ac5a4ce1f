"""Durable steps with procrastinate: jobs that are there already are taken by one worker, run, and recorded as done.

    steps_procrastinate.py prepare STEPS        makes the schema and defers the jobs, in batches
    steps_procrastinate.py run STEPS WIDTH      takes and runs them; only this is measured

libpq's variables say where the server is. A job is recorded as taken before it runs; one whose worker has died is left
as it is until somebody decides, so a step runs at most once.
"""

import asyncio
import logging
import sys

from procrastinate import App, PsycopgConnector

BATCH = 1_000
done = 0

# With its own pool of four connections; one for each job under way took a tenth more of the processor.
app = App(connector=PsycopgConnector())


@app.task(name="step")
async def step(order):
    global done
    done += 1
    return order


async def prepare(steps):
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for first in range(0, steps, BATCH):
            await step.batch_defer_async(
                *[{"order": f"order-{number}"} for number in range(first, min(first + BATCH, steps))])


async def run(steps):
    async with app.open_async():
        await app.run_worker_async(
            concurrency=int(sys.argv[3]), wait=False, listen_notify=False, install_signal_handlers=False)
    if done != steps:
        sys.exit(f"{done} steps of {steps}")


logging.basicConfig(level=logging.WARNING)
asyncio.run({"prepare": prepare, "run": run}[sys.argv[1]](int(sys.argv[2])))
