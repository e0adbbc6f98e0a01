"""Asks two providers through their official SDKs and prints what came, event by event, as JSON: <Anthropic's base URL> <OpenAI's>"""

import json
import sys

import anthropic
import openai


def outcome(work):
    try:
        return {"value": work()}
    except (anthropic.APIStatusError, openai.APIStatusError) as error:
        return {"error": type(error).__name__, "status": error.status_code, "body": error.body}


def dump(item):
    if isinstance(item, list):
        return [dump(one) for one in item]
    return item.model_dump(mode="json")


def ask_anthropic(base_url):
    client = anthropic.Anthropic(base_url=base_url, api_key="test-key", max_retries=2)
    request = {"model": "claude-opus-5-5", "max_tokens": 200, "messages": [{"role": "user", "content": "Hello"}]}
    tools = [{"name": "search", "input_schema": {"type": "object", "properties": {"query": {"type": "string"}}}}]

    def streamed():
        with client.messages.stream(**request, tools=tools) as stream:
            events = [event.type for event in stream]
            return [events, dump(stream.get_final_message())]

    def conversation():
        first = client.messages.create(**request, tools=tools)
        use = next(block for block in first.content if block.type == "tool_use")
        messages = [
            *request["messages"],
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": use.id, "content": "found"}]},
        ]
        return [dump(first), dump(client.messages.create(**{**request, "messages": messages}, tools=tools))]

    return [
        outcome(lambda: dump(client.messages.create(**request))),
        outcome(lambda: dump(client.messages.create(**request))),
        outcome(lambda: dump(list(client.messages.create(**request, stream=True)))),
        outcome(streamed),
        outcome(conversation),
        outcome(lambda: dump(client.messages.count_tokens(model=request["model"], messages=request["messages"]))),
        outcome(lambda: dump(client.messages.create(**{**request, "model": "no-such-model"}))),
        outcome(lambda: dump(client.messages.create(**{**request, "max_tokens": 0}))),
    ]


def ask_openai(base_url):
    client = openai.OpenAI(base_url=base_url, api_key="test-key", max_retries=2)
    request = {"model": "gpt-5", "messages": [{"role": "user", "content": "Hello"}]}
    tools = [{"type": "function", "function": {"name": "search", "parameters": {"type": "object"}}}]
    flat = [{"type": "function", "name": "search", "strict": False, "parameters": {"type": "object"}}]
    return [
        outcome(lambda: dump(client.chat.completions.create(**request))),
        outcome(lambda: dump(client.chat.completions.create(**request, tools=tools))),
        outcome(lambda: dump(list(client.chat.completions.create(**request, stream=True)))),
        outcome(lambda: dump(list(client.chat.completions.create(**request, tools=tools, stream=True)))),
        outcome(lambda: dump(client.responses.create(model="gpt-5", input="Hello"))),
        outcome(lambda: dump(client.responses.create(model="gpt-5", input="Hello", tools=flat))),
        outcome(lambda: dump(list(client.responses.create(model="gpt-5", input="Hello", stream=True)))),
        outcome(lambda: dump(client.embeddings.create(model="text-embedding-3-small", input=["a", "b"]))),
        outcome(lambda: dump(client.chat.completions.create(**request, temperature=9))),
    ]


anthropic_url, openai_url = sys.argv[1:]
print(json.dumps({"anthropic": ask_anthropic(anthropic_url), "openai": ask_openai(openai_url)}))
