#!/usr/bin/env python3
"""A worker in plain Python 3: delivers batches, and goes on where an earlier attempt stopped.

    python3 worker.py [--server http://127.0.0.1:8080] [--queue batches] [--interval 1]

It works on jobs of type deliver-batch, whose input is {"url": "http://…", "items": […]}.
"""
import argparse
import contextlib
import http.client
import json
import os
import signal
import socket
import time
import urllib.error
import urllib.parse
import urllib.request

parser = argparse.ArgumentParser(description="Works on jobs of type deliver-batch.")
parser.add_argument("--server", default="http://127.0.0.1:8080", help="where Postrider is")
parser.add_argument("--queue", default="batches", help="the task queue to work on")
parser.add_argument("--interval", type=float, default=1, help="seconds from item to item")
options = parser.parse_args()
worker = f"{socket.gethostname()}/{os.getpid()}"


class Stop(Exception):
    """Work on what is at hand is to end: SIGTERM came, or somebody paused or reset the job."""


class Refused(Exception):
    """The server does not take a call; the message is its problem code, such as lease_lost."""


stopping = waiting = False


def stop(signal_number, frame):
    global stopping
    stopping = True
    if waiting:
        raise Stop


@contextlib.contextmanager
def interruptible():
    """SIGTERM ends at once what waits in here; an item being delivered is finished first."""
    global waiting
    waiting = True
    try:
        if stopping:
            raise Stop
        yield
    finally:
        waiting = False


def post(url, body, headers={}, patience=75):
    headers = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=patience) as answer:
        return answer.read()


def call(path, body):
    """Calls the API, again and again while it is away or busy: every call may be repeated."""
    pause = 0.1
    while True:
        try:
            return json.loads(post(options.server + "/v1/" + path, body) or "{}")
        except urllib.error.HTTPError as e:
            problem = e.read().decode()
            if e.code < 500 and e.code != 429:
                code = json.loads(problem)["code"] if problem.startswith("{") else e.code
                raise Refused(code) from None
            print(f"{options.server} answered {e.code}", flush=True)
            pause = max(pause, float(e.headers["Retry-After"] or 0))
        except (OSError, http.client.HTTPException) as e:
            print(f"no answer from {options.server}: {e}", flush=True)
        time.sleep(pause)
        pause = min(2 * pause, 5)


def report(task, verb, body):
    return call(f"tasks/{task['token']}/{verb}", body)


def deliver_batch(task):
    batch, job, index = task["input"], task["jobId"], task.get("heartbeatDetails", 0)
    if index > 0:
        print(f"{job}: resuming at index {index} (attempt {task['attempt']})", flush=True)
    asked, next_item = {}, time.monotonic()
    try:
        while index < len(batch["items"]):
            if asked.get("pauseRequested") or asked.get("resetRequested"):
                raise Stop
            with interruptible():
                time.sleep(max(0, next_item - time.monotonic()))
            next_item = time.monotonic() + options.interval
            # The same key on every attempt: the receiver can tell a repetition.
            key = {"Idempotency-Key": f"{task['idempotencyKey']}:{index}"}
            post(batch["url"], {"index": index, "item": batch["items"][index]}, key, patience=4)
            index += 1
            asked = report(task, "heartbeat", {"details": index})
            print(f"{job}: delivered {index} of {len(batch['items'])}", flush=True)
            if asked["cancelRequested"]:
                print(f"{job}: canceled at index {index}", flush=True)
                return report(task, "canceled", {"details": index})
    except Stop:
        print(f"{job}: handed back at index {index}", flush=True)
        return report(task, "hand-back", {})
    report(task, "complete", {"result": {"delivered": index}})
    print(f"{job}: completed", flush=True)


def work(task):
    try:
        if task["type"] != "deliver-batch":
            raise LookupError(f"this worker knows no {task['type']}")
        deliver_batch(task)
    except Exception as e:  # tried again, as the job's retry policy says
        if isinstance(e, Refused) and str(e) == "lease_lost":
            print(f"{task['jobId']}: {e}", flush=True)  # it was too slow: somebody else has it
            return
        print(f"{task['jobId']}: failed: {e}", flush=True)
        with contextlib.suppress(Refused):
            report(task, "fail", {"failure": {"type": type(e).__name__, "message": str(e)}})


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
print(f"worker {worker} polls the task queue {options.queue}", flush=True)
poll = f"task-queues/{urllib.parse.quote(options.queue, safe='')}/poll"
with contextlib.suppress(Stop):
    while True:
        with interruptible():
            answer = call(poll, {"worker": worker, "wait": "30s"})
        for task in answer["tasks"]:
            work(task)
