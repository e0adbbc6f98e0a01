import { promptHash } from '@agent-ci/core/prompt'
import { readPromptFile } from '@agent-ci/prompts/files/prompt-file'
import { describe, expect, test } from '@jest/globals'

const names = (file: { variables: readonly { name: string }[] }) => file.variables.map(({ name }) => name)

describe('a prompt file', () => {
  test('is its text, named after its path, its version the hash', async () => {
    const text = 'You answer.\n{question}\n'
    expect(await readPromptFile('prompts/team/support.md', text)).toEqual({
      path: 'prompts/team/support.md',
      text,
      name: 'prompts/team/support',
      version: promptHash(text),
      content: text,
      hash: promptHash(text),
      createdAt: null,
      metadata: {},
      variables: [{ name: 'question', token: '{question}', line: 2 }],
    })
  })

  test('the hash is that of the guide: sha256 of the UTF-8, 12 digits', () => {
    expect(promptHash('héllo')).toBe('3c48591d8d09')
  })

  test.each<[string, string]>([
    ['\n', 'LF'],
    ['\r\n', 'CRLF'],
  ])('front matter is metadata; what follows is the content (%j)', async (end) => {
    const text = ['---', 'name: support', 'version: 3', 'model: {temperature: 0.2}', '---', 'Hi {{name}}', ''].join(end)
    const file = await readPromptFile('a.md', text)
    expect(file).toMatchObject({
      name: 'support',
      version: '3',
      content: `Hi {{name}}${end}`,
      metadata: { model: { temperature: 0.2 } },
    })
    expect(file.variables).toEqual([{ name: 'name', token: '{{name}}', line: 6 }])
  })

  test.each<[string, string]>([
    ['a rule at the top', '---\nonly a rule\n---\nrest\n'],
    ['no end', '---\nname: x\n'],
    ['front matter that is not YAML', '---\n{{ jinja\n---\nrest\n'],
  ])('%s: the text is the whole file', async (_, text) => {
    expect(await readPromptFile('a.md', text)).toMatchObject({ content: text, metadata: {} })
  })

  test('.prompt.yml: its messages, with the lines of the file', async () => {
    const text =
      'name: triage\nmodel: openai/gpt-4o\nmessages:\n  - role: system\n    content: |\n      Sort {{input}}.\n  - role: user\n    content: "{{ input }} {json}"\ntestData: [{input: a}]\n'
    const file = await readPromptFile('p/triage.prompt.yml', text)
    expect(file).toMatchObject({
      name: 'triage',
      content: 'system:\nSort {{input}}.\n\n\nuser:\n{{ input }} {json}',
      messages: [
        { role: 'system', content: 'Sort {{input}}.\n' },
        { role: 'user', content: '{{ input }} {json}' },
      ],
      metadata: { model: 'openai/gpt-4o' },
    })
    expect(file.variables).toEqual([{ name: 'input', token: '{{input}}', line: 6 }])
  })

  test('Prompty: front matter and body', async () => {
    const file = await readPromptFile(
      'p/a.prompty',
      '---\nname: Basic\nmodel:\n  api: chat\n---\nsystem:\nHi {{first}}\n',
    )
    expect(file).toMatchObject({
      name: 'Basic',
      content: 'system:\nHi {{first}}\n',
      metadata: { model: { api: 'chat' } },
    })
    expect(names(file)).toEqual(['first'])
  })

  test.each<[string, string, string]>([
    ['p/a.prompt.yml', 'messages:\n  - role: [', 'p/a.prompt.yml:2: It is not YAML'],
    ['p/a.prompt.yml', 'name: x\n', 'p/a.prompt.yml:1: It has no messages'],
    ['p/a.prompt.yml', 'messages: [{role: user, content: 3}]\n', 'p/a.prompt.yml:1: It has no messages'],
    ['p/a.prompty', 'system:\nhi', 'p/a.prompty:1: It has no front matter'],
    ['p/a.prompty', '---\nname: x\nmodel: [\n---\nhi', 'p/a.prompty:'],
  ])('%s that is none is refused with its line', async (path, text, message) => {
    await expect(readPromptFile(path, text)).rejects.toThrow(message)
  })

  test('YAML and JSON: variables of their texts, not their braces', async () => {
    const yaml = await readPromptFile('a.yaml', 'prompt: |\n  Hello {name}\nflow: {user: x}\n')
    expect(yaml.variables).toEqual([{ name: 'name', token: '{name}', line: 2 }])
    expect(names(await readPromptFile('a.json', '{"system": "Hi {{who}}", "x": {"a": ["{b}"]}}'))).toEqual(['who', 'b'])
    expect(await readPromptFile('a.json', '{"messages": [{"role": "user", "content": "{q}"}]}')).toMatchObject({
      content: 'user:\n{q}',
    })
  })

  test('a template that becomes YAML only when it is filled in is a text', async () => {
    const text = '{% for x in xs %}\n- {{ x }}\n{% endfor %}\n'
    const file = await readPromptFile('a.yaml', text)
    expect(file.content).toBe(text)
    expect(names(file)).toEqual(['xs'])
  })

  test('aliases that would fill the memory are not followed', async () => {
    const bomb = `a: &a [x, x]\n${Array.from({ length: 30 }, (_, i) => `${String.fromCharCode(98 + (i % 24))}${i}: &n${i} [${i === 0 ? '*a, *a' : `*n${i - 1}, *n${i - 1}`}]`).join('\n')}\nz: {v}\n`
    // Read as YAML, {v} would be a mapping.
    expect(names(await readPromptFile('a.yaml', bomb))).toEqual(['v'])
  })

  test('code counts as text without variables', async () => {
    expect((await readPromptFile('src/prompts/manager.py', 'f"{x}" {{y}}')).variables).toEqual([])
  })

  test('a name without an extension is a text', async () => {
    expect(await readPromptFile('prompts/system', 'Hi {x}')).toMatchObject({
      name: 'prompts/system',
      variables: [{ name: 'x' }],
    })
  })
})
