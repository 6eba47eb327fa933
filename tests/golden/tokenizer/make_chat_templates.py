#!/usr/bin/env python3
"""Writes chat_templates.json beside this script: what transformers makes of small templates that
between them use every construct, and of published ones: make_chat_templates.py TOKENIZERS, the
folder that holds the published tokenizer_config.json files."""
import json
import os
import sys
from importlib.metadata import version

from transformers.utils.chat_template_utils import render_jinja_template

HERE = os.path.dirname(os.path.abspath(__file__))
TALK = [{"role": "system", "content": " Be brief. "}, {"role": "user", "content": "\u0645\u0631\u062d\u0628\u0627 \"you\"\n"},
        {"role": "assistant", "content": "<think>a</think>\n\nNa\u00efve \u4f60\u597d"},
        {"role": "user", "content": "Wie gro\u00df ist \u0130stanbul?"}]
CONVERSATIONS = [TALK, TALK[1:2]]
EXPRESSIONS = r"""
(1 + 2 * 3 - 7 // 2 % 3) ~ 'x'
-7 // 2 ~ ' ' ~ (-7 % 3) ~ ' ' ~ (7 / 2) ~ ' ' ~ 2 ** 3 ~ ' ' ~ 1.5 * 2
'a' * 3 + "b" 'c'
[1, 'two', none, true, 2.5, {'k': 'v'}]
{'a': 1, 'b': [1, 2], 3: none}
(1, 2) + [3] if false else [4]
'it\'s' ~ ["it's", 'a"b', "\n\\"]
1 < 2 < 3 and not 2 > 3 or x
'a' in 'abc' and 3 not in [1, 2] and 'role' in messages[0]
x is not defined and none is none and 'a' is string and 2 is even and [] is iterable and {} is mapping
messages[0].content is string and messages is not string and 1 is number and true is boolean and 3 is odd
x is undefined or x.y
nothing | default('d') ~ ('' | default('e', true)) ~ none
messages | length ~ (messages | last).role ~ messages[-1]['role'] ~ messages[99] ~ messages[0].nothing
messages[::-1] | map(attribute='role') | join(',')
messages[1:3] | map(attribute='content') | list
messages | selectattr('role', 'equalto', 'user') | list | length
messages | rejectattr('role', 'eq', 'user') | map(attribute='role') | list
[3, 1, 2] | sort | join('-') ~ ([3, 1, 2] | sort(reverse=true) | first)
['b', 'A', 'b'] | sort | unique | join
[1, none, 2, 0] | select | list ~ ([1, 'a'] | reject('string') | list)
{'b': 1, 'a': {'c': []}} | tojson
{'b': 1, 'a': {'c': [1, {}]}} | tojson(indent=2)
messages[0] | tojson
'\u00e9\t"\\' | tojson
{'b': 1, 'a': 2} | dictsort | map('join', '=') | list
({'b': 1}.items() | first | join('=')) ~ {'b': 1}.get('c', 'no') ~ {'b': 1}.get('b') ~ {'b': 1}.keys() | list
'  a b  '.strip() ~ '|' ~ '  a '.lstrip() ~ '|' ~ ' a  '.rstrip() ~ '|' ~ 'xxaxx'.strip('x') ~ '|' ~ '\n a'|trim
'a,b,,c'.split(',') ~ 'a b  c '.split() ~ 'a,b,c'.split(',', 1) ~ 'a,b,c'.rsplit(',', 1) ~ 'a b c d '.split(none, 2)
messages[1].content.split('</think>')[-1] ~ messages[0].content[2:5] ~ messages[0].content[::-1]
'stra\u00dfe'.upper() ~ 'ABC'.lower() ~ 'two words'.title() ~ 'hELLO'|capitalize ~ ('\u0130'|lower)
'abc'.replace('b', 'x') ~ 'aaa'.replace('a', 'b', 2) ~ ('abab' | replace('a', '')) ~ 'ab'.replace('', '-')
'abc'.startswith('ab') ~ 'abc'.endswith(('x', 'c')) ~ 'abcabc'.find('c') ~ 'abab'.count('ab') ~ '12'.isdigit()
', '.join(['a', 'b']) ~ '{} and {} {x}{{}}'.format('p', 'q', x=3) ~ '{1}{0}'.format(1, 2)
'a\nb\r\nc\n'.splitlines()
'line one\n\nline two' | indent(2) ~ ('a\nb' | indent(width=3, first=true))
('4' | int + 3) ~ ('x' | int) ~ (3.9 | int) ~ (-2 | abs) ~ ([1, 2] | sum) ~ ([1, 5, 2] | max) ~ ([4, 2] | min)
range(3) | list ~ range(5, 0, -2) | list ~ ([1, 2, 3] | reverse | list) ~ ('abc' | reverse) ~ ('ab' | list)
'yes' if messages else 'no' ~ ('a' if false)
true ~ True ~ none ~ 1.0 ~ 1e3 ~ 2.5E-3 ~ 1e20 ~ 1e-7 ~ 0.1 ~ 10000000000.0 ~ (7 == 7.0) ~ (1 == true)
"\x41\u00e9\n" ~ '\d' ~ 'a\
b'
dict(a=1, b='x') ~ dict({'c': 3}, d=4)
eos_token ~ bos_token ~ pad_token
(messages | first).content | trim | upper | lower | title
'%s' is string ~ ('abc' | first) ~ ('abc' | last) ~ [] | first
add_generation_prompt ~ tools ~ (tools is none) ~ (documents is defined)
messages.0.role ~ messages[0]['content'][1]
""".strip("\n").replace("\\\nb'", "\\\x00b'").split("\n")
STATEMENTS = [
    "{% for m in messages %}{{ loop.index }}/{{ loop.length }}{{ m.role }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for m in messages if m.role == 'user' %}{{ loop.index0 }}{{ loop.first }}{{ loop.revindex }}{{ m.content }}{% else %}none{% endfor %}",
    "{% for x in [] %}a{% else %}empty{% endfor %}{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for m in messages %}{% if loop.previtem %}{{ loop.previtem.role }}>{% endif %}{{ loop.nextitem.role if loop.nextitem }}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 5 %}{{ x }}{% endfor %}{{ x }}{% if true %}{% set x = 9 %}{% endif %}{{ x }}",
    "{% set ns = namespace(n=0, last='') %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% set ns.last = m.role %}{% endfor %}{{ ns.n }}{{ ns.last }}",
    "{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i > 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% macro tag(name, text='-', end=true) %}<{{ name }}>{{ text }}{% if end %}</{{ name }}>{% endif %}{% endmacro %}{{ tag('a') }}{{ tag('b', 'x', end=false) }}{{ tag(text='t', name='c') | upper }}",
    "{% set a, b = 1, 'two' %}{{ a }}{{ b }}{% set t = (1, 2) %}{{ t[1] }}{% set s %}in {{ a }}{% endset %}[{{ s }}]",
    "{% for m in messages %}{% for c in 'ab' %}{{ loop.index }}{{ c }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{%- if messages[0].role == 'system' -%}\n  sys\n{%- elif true -%}\n other \n{%- else -%}\n x\n{%- endif -%}\n  end\n\n",
    "a\n  {% if true %}\n  b\n  {% endif %}\n  c {% if true %} d {% endif %}\n  {# note #}\n e {{ 1 }}\n  {{- 2 -}}  \n  f\n",
    "  {%+ if true %}\n x{% endif +%}\ny{#- gone -#}  z\n{# a #}\n\nq",
    "{% raw %}{{ not }} {% if %}{% endraw %}{%- raw -%}  x  {%- endraw -%}  y",
    "{% generation %}{{ messages[-1].content }}{% endgeneration %}{{ '{{' }}{{ {'a': {'b': 1}} }}{{ \"}}\" }}",
    "\r\n{{ 1 }}\r\nx\r{% if 1 %}\r\ny{% endif %}\r\n",
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>\\n' + m['content'] | trim + eos_token + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}",
    "{% if not (messages | length > 3 and messages[2].content.split('</think>') | length == 2) %}no{% else %}{{ (messages[2].content.split('</think>') | last).lstrip('\\n') }}{% endif %}",
    "{%- macro outer(m) -%}{%- macro inner(x) -%}[{{ x }}{{ m.role }}]{%- endmacro -%}{{ inner(1) }}{%- endmacro -%}{{ outer(messages[0]) }}{{ y }}",
    "{% set x = 'a' %}{% macro f() %}{{ x }}{% endmacro %}{% set x = 'b' %}{{ f() }}",
]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}


def render(template, number, prompt, tokens):
    return render_jinja_template([CONVERSATIONS[number]], chat_template=template, add_generation_prompt=prompt,
                                 **tokens)[0][0]


def main():
    templates = ["{{ " + e.replace("\x00", "\n") + " }}" for e in EXPRESSIONS] + STATEMENTS
    cases = [{"template": t, "messages": n, "prompt": n == 0, "text": render(t, n, n == 0, TOKENS)}
             for t in templates for n in range(len(CONVERSATIONS)) if n == 0 or t in STATEMENTS]
    published = []
    for file in ("phi3_phimoe/tokenizer_config.json", "qwen2/tokenizer_config.json",
                 "qwen2/qwen2.5_tokenizer_config.json", "qwen2/qwen3_tokenizer_config.json"):
        with open(os.path.join(sys.argv[1], file), encoding="utf-8") as f:
            template = json.load(f)["chat_template"]
        published += [{"file": file, "messages": n, "prompt": p, "text": render(template, n, p, {"eos_token": "</s>"})}
                      for n in range(len(CONVERSATIONS)) for p in (True, False)]
    with open(os.path.join(HERE, "chat_templates.json"), "w", encoding="utf-8") as f:
        json.dump({"versions": {p: version(p) for p in ("transformers", "jinja2")}, "conversations": CONVERSATIONS,
                   "cases": cases, "published": published}, f, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main()
