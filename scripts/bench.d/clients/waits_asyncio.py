"""Waits for every link of a file at once, a coroutine each, within one budget of requests; prints each that is paid.

Usage: python3 waits_asyncio.py LINKS_URL ACCESS_TOKEN IDS.csv PAYMENTS REQUESTS_PER_SECOND
"""

import asyncio
import os
import random
import sys

import aiohttp


class Turns:
    """So many turns a second, in the order in which they are asked for, 64 under way."""

    def __init__(self, rate):
        self.rate, self.queue, self.free = rate, asyncio.Queue(), asyncio.Semaphore(64)

    async def give(self):
        clock = asyncio.get_running_loop().time
        last, tokens = clock(), 0.0
        while True:
            await asyncio.sleep(0.005)
            now = clock()
            tokens, last = min(self.rate, tokens + (now - last) * self.rate), now
            while tokens >= 1 and not self.queue.empty():
                tokens -= 1
                await self.free.acquire()
                self.queue.get_nowait().set_result(None)

    async def take(self):
        turn = asyncio.get_running_loop().create_future()
        self.queue.put_nowait(turn)
        await turn


async def main(url, access_token, file, payments, rate):
    ids = open(file).read().split()[1:]
    interval = max(1.0, min(30.0, len(ids) / float(rate)))
    turns, seen, requests, done = Turns(float(rate)), 0, 0, asyncio.Event()

    async def wait(session, link):
        nonlocal seen, requests
        while True:
            await turns.take()
            try:
                requests += 1
                async with session.get(f"{url}/{link}") as response:
                    if (await response.json())["status"] == 1:
                        break
            finally:
                turns.free.release()
            await asyncio.sleep(interval * random.uniform(0.9, 1.1))
        print(link, flush=True)
        seen += 1
        if seen == int(payments):
            done.set()

    print("ready", flush=True)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=64), headers={"Authorization": f"Bearer {access_token}"}
    ) as session:
        giver = asyncio.create_task(turns.give())
        waits = [asyncio.create_task(wait(session, link)) for link in ids]
        await done.wait()
        print(f"requests {requests}", file=sys.stderr, flush=True)
        del giver, waits
        os._exit(0)


asyncio.run(main(*sys.argv[1:]))
