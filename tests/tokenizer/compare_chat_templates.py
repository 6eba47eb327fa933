#!/usr/bin/env python3
"""Compares rendered chat templates with transformers: compare_chat_templates.py TOOL FILE...

TOOL is the built tokenizer_tool; files are .jinja templates or tokenizer_config.json files. Every
template renders several conversations, with and without the generation prompt. What the program
refuses is listed by its reason; a rendering that differs ends with an error.
"""
import json
import subprocess
import sys
import tempfile

from transformers.utils import chat_template_utils as reference

MULTI = "\u0645\u0631\u062d\u0628\u0627 \u0915\u094d\u092f\u093e \u4f60\u597d"
CONVERSATIONS = [
    [{"role": "user", "content": "My chest hurts when I breathe."}],
    [{"role": "system", "content": "  Answer briefly.\n"}, {"role": "user", "content": MULTI}],
    [{"role": "user", "content": "Hi {{ x }} <|im_end|>"}, {"role": "assistant", "content": "Hello, \"you\"\n"},
     {"role": "user", "content": "  \u0130stanbul\u2019da?\n\n"}],
    [{"role": "system", "content": "S"}, {"role": "user", "content": "a"},
     {"role": "assistant", "content": "<think>\nwhy\n</think>\n\nb"}, {"role": "user", "content": "c"},
     {"role": "assistant", "content": "d"}],
]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}


def templates(path):
    with open(path, encoding="utf-8", newline="") as f:
        text = f.read()
    if not path.endswith(".json"):
        return [text]
    held = json.loads(text).get("chat_template")
    return [held] if isinstance(held, str) else [entry["template"] for entry in held or []]


def expected(case):
    try:
        return reference.render_jinja_template([case["messages"]], chat_template=case["template"],
                                               add_generation_prompt=case["prompt"], **case["tokens"])[0][0]
    except Exception as e:  # a template may refuse in any way
        return e


def main():
    cases = [{"file": path, "template": template, "tokens": TOKENS, "messages": messages, "prompt": prompt,
              "today": True}
             for path in sys.argv[2:] for template in templates(path)
             for messages in CONVERSATIONS for prompt in (True, False)]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(case) + "\n" for case in cases)
        file.flush()
        lines = subprocess.run([sys.argv[1], "render", file.name], check=True, capture_output=True).stdout
    same = different = both = 0
    refused = {}
    for case, line in zip(cases, lines.decode().split("\n")):
        found, want = json.loads(line), expected(case)
        if "error" in found and isinstance(want, Exception):
            both += 1
        elif "error" in found:
            refused.setdefault((case["file"], found["error"]), 0)
            refused[case["file"], found["error"]] += 1
        elif found["text"] == want:
            same += 1
        else:
            different += 1
            print(f"{case['file']}: {case['messages']!r}\n  reference {want!r}\n  found     {found['text']!r}")
    for (path, error), count in refused.items():
        print(f"refused here only: {path}: {error} ({count})")
    print(f"{same} the same, {both} refused by both, {sum(refused.values())} refused here only, {different} differ")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
