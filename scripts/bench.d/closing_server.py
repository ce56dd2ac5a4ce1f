"""A 1ShotPay that closes kept connections without announcing it: some milliseconds after every so many replies.

Usage: closing_server.py REPLIES MILLISECONDS TOKEN_JSON LINK_JSON; prints its port. The close comes at a random time of
up to so many milliseconds after the reply that is the connection's last.
"""

import asyncio
import random
import sys


def reply(body):
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def serve(reader, writer, replies, longest, token, link):
    left = replies
    try:
        while left > 0:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
            await reader.readexactly(length)
            writer.write(token if b"/token" in head.split(b"\r\n")[0] else link)
            left -= 1
        await asyncio.sleep(random.random() * longest / 1000)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main(replies, longest, token, link):
    server = await asyncio.start_server(
        lambda reader, writer: serve(reader, writer, replies, longest, reply(token), reply(link)), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3], sys.argv[4]))
