import { validate } from '@actions/languageservice'
import { expect, test } from '@jest/globals'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { actionFiles, examples, type Source, workflows } from './files.ts'

/** It does not look into workflows behind `$/`; references.test.ts does. */
const KNOWN = [
  'Context access might be invalid: outputs',
  // Of two events, it knows the payload of one.
  'Context access might be invalid: merge_group',
]

/** What GitHub's own editor says of a file. */
async function complaints({ path, text }: Source): Promise<readonly string[]> {
  const name = path.startsWith('example-workflows') ? `.github/workflows/${path}` : path
  const found = await validate(TextDocument.create(`file:///${name}`, 'yaml', 1, text))
  return found
    .filter(({ message }) => !KNOWN.includes(String(message)))
    .map(({ message, range }) => `${path}:${range.start.line + 1}: ${message}`)
}

test.each([...workflows, ...examples, ...actionFiles].map((source) => [source.path, source]))(
  "GitHub's parser accepts %s",
  async (_, source) => {
    expect(await complaints(source as Source)).toEqual([])
  },
)

test('it would find a key, an expression and a context that do not exist', async () => {
  const broken = workflows[0]!.text
    .replace('timeout-minutes: 2', 'timeout-minuts: 2')
    .replace('inputs.language', 'input.language')
  expect(await complaints({ path: '.github/workflows/broken.yml', text: broken })).toEqual([
    expect.stringContaining('Unexpected value'),
    expect.stringContaining('Unrecognized named-value'),
  ])
})
