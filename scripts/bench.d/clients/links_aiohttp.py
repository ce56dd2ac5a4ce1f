"""Creates LINKS pay links with aiohttp, WIDTH at a time over one session.

Usage: python3 links_aiohttp.py URL ACCESS_TOKEN LINKS WIDTH
"""

import asyncio
import sys

import aiohttp


async def create_link(session, url):
    async with session.post(url, json={"amount": 12.5, "description": "Order", "reuseable": False}) as response:
        if response.status != 200:
            raise RuntimeError(f"status {response.status}")
        link = await response.json()
        if not link.get("id"):
            raise RuntimeError("a link without an id")


async def worker(session, url, remaining):
    for _ in remaining:
        await create_link(session, url)


async def main(url, access_token, links, width):
    remaining = iter(range(int(links)))
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=int(width)),
        headers={"Authorization": f"Bearer {access_token}"},
    ) as session:
        await asyncio.gather(*(worker(session, url, remaining) for _ in range(int(width))))


asyncio.run(main(*sys.argv[1:]))
