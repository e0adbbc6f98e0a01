"""Serves `module:attribute` to agent-ci: one JSON object a line, a request on stdin and its reply on stdout.

The attribute is a function of the input, or a class (made once, without arguments) or object with `run_async` or `run` and, where it
knows them, `last_tool_calls`. It returns the answer as text, any JSON value, or a reply `{"output", "tool_calls", "usage"}`. A parameter
named `model`, `prompts` or `traceparent` gets the request's. Standard library only, Python 3.9 or newer.
"""

import asyncio
import importlib
import inspect
import json
import os
import sys
import traceback

RATE_LIMITS = {
    "OverloadedError",
    "RateLimitError",
    "ResourceExhausted",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsError",
}
TIMEOUTS = {"APITimeoutError", "DeadlineExceeded", "Timeout", "TimeoutError", "TimeoutException"}
NETWORK = {
    "APIConnectionError",
    "ClientConnectionError",
    "ConnectionError",
    "SSLError",
    "TransportError",
    "URLError",
    "gaierror",
}
UNAVAILABLE = {"InternalServerError", "ServiceUnavailable", "ServiceUnavailableError"}
REFUSED = {"AuthenticationError", "PermissionDeniedError"}


def status_of(error):
    """The HTTP status that an exception of a client library carries."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore
        return (response.get("ResponseMetadata") or {}).get("HTTPStatusCode")
    for holder in (error, response):
        for name in ("status_code", "status"):
            status = getattr(holder, name, None)
            if isinstance(status, int) and 100 <= status <= 599:
                return status
    return None


def infrastructure_kind(error):
    """Why this exception is no fault of the agent's, or None when it is one."""
    names = {base.__name__ for base in type(error).__mro__}
    status = status_of(error)
    if status in (429, 529) or names & RATE_LIMITS:
        return "rate-limit"
    if names & REFUSED:
        return "refused"
    if status is not None:
        return "unavailable" if status in (408, 409, 425) or status >= 500 else None
    for kind, known in (("timeout", TIMEOUTS), ("network", NETWORK), ("unavailable", UNAVAILABLE)):
        if names & known:
            return kind
    return None


def retry_after_ms(error):
    """What a `Retry-After` in seconds asks to wait."""
    headers = getattr(getattr(error, "response", None), "headers", None) or getattr(error, "headers", None)
    try:
        seconds = float(headers.get("retry-after") or headers.get("Retry-After"))
        return seconds * 1000 if 0 <= seconds < 1e9 else None
    except (AttributeError, TypeError, ValueError):
        return None


def place_of(error):
    """The innermost line of the user's own code on the way to an exception."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    here = os.getcwd() + os.sep
    own = [frame for frame in frames if frame.filename.startswith(here) and "site-packages" not in frame.filename]
    for frame in (own or frames)[-1:]:
        return " (%s:%s in %s)" % (frame.filename.replace(here, "", 1), frame.lineno, frame.name)
    return ""


def describe(error):
    """`ValueError: message (agent.py:12 in run)`"""
    try:
        message = str(error)
    except Exception as broken:
        message = "its message can not be read (%s)" % type(broken).__name__
    return "%s: %s%s" % (type(error).__name__, message[:2000], place_of(error))


def error_of(error):
    """An exception of the agent as the `error` of a reply."""
    kind = infrastructure_kind(error)
    if kind is None:
        return {"message": describe(error)}
    return {
        "type": "infrastructure",
        "kind": kind,
        "message": describe(error),
        "retryable": kind != "refused",
        "retry_after_ms": retry_after_ms(error),
    }


class Target:
    """What `module:attribute` names, as one function of a request."""

    def __init__(self, target):
        module, _, path = target.partition(":")
        found = importlib.import_module(module)
        for name in path.split("."):
            found = getattr(found, name)
        self.owner = found() if inspect.isclass(found) else found
        self.function = getattr(self.owner, "run_async", None) or getattr(self.owner, "run", None) or self.owner
        if not callable(self.function):
            raise TypeError("%s is neither a function nor has it run_async or run" % target)
        try:
            self.parameters = inspect.signature(self.function).parameters
        except (TypeError, ValueError):  # written in C
            self.parameters = {}
        # One loop for all requests, because clients that the agent keeps belong to the loop they were first used in.
        self.loop = asyncio.new_event_loop()

    async def settled(self, awaitable):
        return await awaitable

    def reply(self, request):
        names = ("model", "prompts", "traceparent")
        wanted = [name for name in names if name in self.parameters and name in request]
        result = self.function(request["input"], **{name: request[name] for name in wanted})
        if inspect.isawaitable(result):
            result = self.loop.run_until_complete(self.settled(result))
        reply = dict(result) if isinstance(result, dict) and "output" in result else {"output": result}
        calls = getattr(self.owner, "last_tool_calls", None)
        if calls is not None and reply.get("tool_calls") is None:
            reply["tool_calls"] = [call if isinstance(call, (str, dict)) else tool_call(call) for call in calls]
        return reply


def tool_call(call):
    """A tool call that is an object with `name` and `args`, `arguments` or `input`."""
    args = next((getattr(call, name) for name in ("args", "arguments", "input") if hasattr(call, name)), {})
    return {"name": getattr(call, "name", None), "args": args}


def answer(target, request):
    """The reply to a request as one line of JSON."""
    address = {"trial": request.get("trial"), "id": request.get("id")}
    try:
        reply = target.reply(request)
    except (Exception, SystemExit, asyncio.CancelledError) as error:
        traceback.print_exc()
        return json.dumps({"error": error_of(error), **address})
    try:
        # NaN and Infinity are no JSON.
        return json.dumps({**reply, **address}, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        kind = type(reply["output"]).__name__
        message = "The agent returned what is no JSON (the output is a %s): %s" % (kind, error)
        return json.dumps({"error": {"message": message}, **address})


def serve(requests, replies, name):
    try:
        target = Target(name)
        refusal = None
    except (Exception, SystemExit) as error:
        traceback.print_exc()
        refusal = {
            "type": "infrastructure",
            "kind": "refused",
            "message": "%s could not be loaded from %s: %s. Check that its requirements are installed for %s, and that the module"
            " lies in the working directory or its src" % (name, os.getcwd(), describe(error), sys.executable),
        }

    def send(line):
        replies.write(line.encode("ascii") + b"\n")
        replies.flush()

    send('{"ready": true}')
    for line in requests:
        request = json.loads(line)
        send(json.dumps({"error": refusal, "trial": request["trial"]}) if refusal else answer(target, request))


def main():
    # The agent's own prints, and those of processes that it starts, go to stderr; it finds stdin empty.
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    name = sys.argv.pop()
    here = os.getcwd()
    if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    sys.path[:0] = [here, os.path.join(here, "src")]
    try:
        serve(requests, replies, name)
    except BrokenPipeError:
        # agent-ci is gone; the interpreter must not complain when it flushes what is left.
        os._exit(1)


if __name__ == "__main__":
    main()
