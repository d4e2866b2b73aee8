#!/usr/bin/env python3
"""Publishes a short conversation to botstats, waits for its ACK and asks for the figures.

    publish_and_query.py INGEST_ENDPOINT QUERY_ENDPOINT [TOKEN]

TOKEN is what `botstats token --role analytics_viewer` prints; it may be left out where the daemon
asks for no credential. Needs pyzmq (Debian: python3-zmq). See ingest.md for the dialogue,
queries.md for the requests and access.md for the token.
"""

import json
import sys
import time
import uuid

import zmq

TIMEOUT_SECONDS = 10


class Refused(Exception):
    """The daemon answered with an error."""


class Connection:
    """A DEALER socket that speaks the ingest protocol's frames."""

    def __init__(self, context, endpoint):
        self.endpoint = endpoint
        # No routing id is set: who publishes stands in the headers.
        self.socket = context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.rcvtimeo = self.socket.sndtimeo = TIMEOUT_SECONDS * 1000
        self.socket.connect(endpoint)

    def send(self, command, header, body=None):
        frames = [command, json.dumps(header).encode()]
        self.socket.send_multipart(frames if body is None else [*frames, body])

    def receive(self):
        """The next message's command and header."""
        try:
            frames = self.socket.recv_multipart()
        except zmq.Again:
            raise TimeoutError(f"no answer from {self.endpoint} in {TIMEOUT_SECONDS} s") from None
        return frames[0], json.loads(frames[1]) if len(frames) > 1 else {}

    def expect(self, command):
        """The next message's header; it must be of this command."""
        received, header = self.receive()
        if received != command:
            raise Refused(f"{received.decode()}: {header.get('code')}: {header.get('message')}")
        return header


def conversation(bot, start_ms):
    """Four messages, a rating and an event that must be rejected, as lines of NDJSON."""
    common = {"bot_id": bot, "user_id": str(uuid.uuid4()), "session_id": str(uuid.uuid4())}

    def message(seconds, role, **more):
        moment = start_ms + 1000 * seconds
        return {"type": "message", **common, "timestamp": moment, "role": role, **more}

    events = [
        message(0, "user"),
        message(2, "assistant", response_ms=1900, tokens=350),
        message(30, "user"),
        message(31, "assistant", response_ms=800, tokens=120),
        {"type": "feedback", **common, "timestamp": start_ms + 40_000, "rating": 5},
        {"type": "message", **common, "timestamp": start_ms + 41_000, "role": "nobody"},
    ]
    return [json.dumps(event).encode() for event in events]


def publish(context, endpoint, producer, lines):
    """Publishes the lines in one batch, and once more as after a lost ACK; returns both ACKs."""
    connection = Connection(context, endpoint)
    connection.send(b"HELLO", {"protocol": 1, "producer": producer})
    welcome = connection.expect(b"WELCOME")
    header = {
        "producer": producer,
        "epoch": welcome["epoch"],
        "first_seq": welcome["committed_seq"] + 1,
        "count": len(lines),
    }
    body = b"".join(line + b"\n" for line in lines)
    acks = []
    for _ in range(2):
        connection.send(b"EVENTS", header, body)
        acks.append(connection.expect(b"ACK"))
    connection.socket.close()
    return acks


def request(context, endpoint, token, method, **params):
    """Asks one question through a REQ socket."""
    socket = context.socket(zmq.REQ)
    socket.linger = 0
    socket.rcvtimeo = TIMEOUT_SECONDS * 1000
    socket.connect(endpoint)
    try:
        question = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        frames = [json.dumps(question).encode()]
        if token:
            frames.append(b"Bearer " + token.encode())
        socket.send_multipart(frames)
        answer = socket.recv_json()
    except zmq.Again:
        raise TimeoutError(f"no answer from {endpoint} in {TIMEOUT_SECONDS} s") from None
    finally:
        socket.close()
    if "error" in answer:
        raise Refused(f"{method}: {answer['error']['data']['message']}")
    return answer["result"]


def check(what, actual, expected):
    """Prints a figure and ends the program where it is wrong."""
    print(f"{what}: {actual}")
    if actual != expected:
        sys.exit(f"{what} should be {expected}")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    ingest_endpoint, query_endpoint = sys.argv[1:3]
    token = sys.argv[3] if len(sys.argv) == 4 else None
    context = zmq.Context()
    # A bot of its own, so that nothing else is in its figures.
    bot = str(uuid.uuid4())
    lines = conversation(bot, int(time.time() * 1000) - 60_000)

    first, second = publish(context, ingest_endpoint, f"example-{uuid.uuid4()}", lines)
    check("committed_seq", first["committed_seq"], 6)
    check("accepted", first["accepted"], 5)
    check("rejected", [(r["seq"], r["code"]) for r in first["rejections"]], [(6, "invalid_field")])
    check("accepted when sent again", second["accepted"], 0)

    usage = request(context, query_endpoint, token, "usage", days=2, bot_id=bot)
    check("total_conversations", usage["total_conversations"], 1)
    check("active_users", usage["active_users"], 1)
    check("total_messages", usage["total_messages"], 4)
    check("total_tokens", usage["total_tokens"], 470)
    satisfaction = request(
        context, query_endpoint, token, "engagement.satisfaction", days=2, bot_id=bot
    )
    check("csat_score", satisfaction["csat_score"], 1.0)
    try:
        request(context, query_endpoint, token, "usage", days=0)
        sys.exit("days=0 should be refused")
    except Refused as refusal:
        print(f"refused, as it should be: {refusal}")


if __name__ == "__main__":
    main()
