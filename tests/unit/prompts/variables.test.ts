// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates under test are not ours
import { compareVariables, variablesOf } from '@agent-ci/prompts/variables/variables'
import { describe, expect, test } from '@jest/globals'

const names = (template: string) => variablesOf(template).map(({ name }) => name)

describe('variables of a template', () => {
  test.each<[string, string, string[]]>([
    ['double braces', 'Hi {{name}}, {{ user.city }}', ['name', 'user.city']],
    ['filters and their arguments', '{{ a | default("x") | join(sep) }} {{b|upper}}', ['a', 'sep', 'b']],
    ['a Liquid filter with an argument', '{{ price | append: unit }}', ['price', 'unit']],
    ['operators, tests and texts', '{{ x if y is defined else "z" }} {{ a ~ b }}', ['x', 'y', 'a', 'b']],
    ['calls and named arguments', '{{ f(x, key=y) }} {{ user.name.upper() }} {{ now() }}', ['x', 'y', 'user.name']],
    ['an index', '{{ items[0].name }} {{ map["key"] }}', ['items', 'map']],
    ['letters of any script', '{{ имя }} {größe}', ['имя', 'größe']],
    [
      'loops, whose own variable is not listed',
      '{% for d in docs %}{{ d.title }} {{ loop.index }}{% endfor %}',
      ['docs'],
    ],
    [
      'conditions',
      '{%- if user.vip and not blocked -%}a{% elif score > 3 %}b{% endif %}',
      ['user.vip', 'blocked', 'score'],
    ],
    ['what a template defines itself', '{% set total = price * n %}{{ total }}', ['price', 'n']],
    [
      'Handlebars blocks',
      '{{#if ok}}a{{else}}b{{/if}}{{#each items as |it|}}{{it.x}}{{this.y}}{{/each}}',
      ['ok', 'items', 'y'],
    ],
    [
      'Mustache sections, partials and raw tags',
      '{{#items}}{{> row}}{{/items}}{{^empty}}{{/empty}}{{{html}}}{{&amp}}',
      ['items', 'empty', 'html', 'amp'],
    ],
    ['comments and raw blocks', '{# {{no}} #}{{! no }}{{!-- {{no}} --}}{% raw %}{{no}}{% endraw %}{{yes}}', ['yes']],
    ['white space control', '{{- a -}} {{~b~}}', ['a', 'b']],
    [
      "Python's format",
      '{question} {user.name} {items[0]} {price:.2f} {n:,} {x!r:>10} {at:%Y-%m-%d}',
      ['question', 'user.name', 'items', 'price', 'n', 'x', 'at'],
    ],
    [
      "Python's format around JSON",
      'Reply {{"answer": "{text}", "n": {count}}} about {topic}',
      ['text', 'count', 'topic'],
    ],
    ['shell', '${city} in ${a.b}', ['city', 'a.b']],
  ])('%s', (_, template, expected) => {
    expect(names(template)).toEqual(expected)
  })

  test.each<[string, string]>([
    ['JSON', '{"a": 1, "b": {"c": true}, "d": []}'],
    ['JSON with doubled braces', '{{"a": 1, "ok": true}}'],
    ['a set', 'one of {a, b} or { c }'],
    ['CSS', 'p{color:red} {display:none}'],
    ['LaTeX', '\\frac{a}{b} \\textbf{bold} x_{i} x^{n} \\begin{document}'],
    ['numbers', '\\d{3} {0} {}'],
    ['GitHub expressions', '${{ secrets.KEY }}'],
    ['escapes', '\\{{no}} $${no} \\${no} {{{{no'],
    ['code in a fence', '```js\nimport {a} from "b"\nconst x = `${y}`\n```\n~~~\nf{z}\n~~~'],
  ])('not in %s', (_, template) => {
    expect(names(template)).toEqual([])
  })

  test('in a code fence a variable counts where it has its line to itself, and in double braces anywhere', () => {
    expect(names('```\n{code}\nreturn {a}\n```\n{after}')).toEqual(['code', 'after'])
    expect(names('```\nx = {{ value }}\n```')).toEqual(['value'])
    expect(names('```python\n{unclosed} x\n')).toEqual([])
  })

  test('each is listed once, with its text and line', () => {
    expect(variablesOf('a\n{{ x | upper }}\n{x} {y}')).toEqual([
      { name: 'x', token: '{{ x | upper }}', line: 2 },
      { name: 'y', token: '{y}', line: 3 },
    ])
  })

  test('a format that knows only double braces leaves the others', () => {
    expect(variablesOf('{{a}} {b} ${c}', ['tags']).map(({ name }) => name)).toEqual(['a'])
  })

  test.each([
    '{#',
    '{%a ',
    '{a}',
    '{% raw %}',
    '{{',
    '}}',
    '\\a{b}',
    '`{a}`',
    '```\n{a}\n',
    '{{!--',
    '${',
    '\\',
    '{% for ',
  ])('a megabyte of %j is read in linear time', (unit) => {
    const started = performance.now()
    variablesOf(unit.repeat(Math.floor(1_048_576 / unit.length)))
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})

test('variables compared: what is gone and what is new', () => {
  const { dropped, added } = compareVariables(variablesOf('{a} {b}'), variablesOf('{{ b }} {{ c }}'))
  expect(dropped.map(({ name }) => name)).toEqual(['a'])
  expect(added.map(({ name }) => name)).toEqual(['c'])
})
