# Faults below HTTP on 127.0.0.1:8092, one a path. Every connection is closed after at most 60 s.
import asyncio
import socket
import struct

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


async def drip(writer, data, times=1):
    for byte in data * times:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def reset(writer):
    writer.write(OK + b"Content-Length: 1000\r\n\r\nhalf")
    await writer.drain()
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def endless_chunks(writer):
    writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(20_000):
        writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        await writer.drain()


async def answer(writer, path):
    fixed = {
        "/short": OK + b"Content-Length: 1000\r\n\r\nonly this",
        "/badchunk": OK + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nnot a chunk\r\n",
        "/hugehead": OK + b"".join(b"X-%d: %s\r\n" % (i, b"a" * 1000) for i in range(2000)) + b"\r\n",
        "/garbage": b"\x00\xff\x16\x03 not http\r\n\r\n",
        "/smuggle": OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        + OK + b"Content-Length: 4\r\n\r\nevil",
    }
    if path == "/hang":
        await asyncio.sleep(60)
    elif path == "/slowhead":
        await drip(writer, b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 30)
    elif path == "/slowbody":
        writer.write(OK + b"Content-Length: 100000\r\n\r\n")
        await drip(writer, b"x", 60)
    elif path == "/reset":
        await reset(writer)
    elif path == "/endlesschunks":
        await endless_chunks(writer)
    elif path == "/robots.txt":
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    else:
        writer.write(fixed.get(path, b"HTTP/1.0 200 OK\r\n\r\nno length, then close"))


async def serve(reader, writer):
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
        await answer(writer, head.split()[1].decode())
        await writer.drain()
    except Exception:
        pass  # the client gave up, as it should
    finally:
        writer.close()


async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 8092) as server:
        await server.serve_forever()


asyncio.run(main())
