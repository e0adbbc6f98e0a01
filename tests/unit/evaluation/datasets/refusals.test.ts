import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import { loadDataset } from '@agent-ci/evaluation/datasets/load'
import { describe, expect, test } from '@jest/globals'
import { problemsOf, refusalOf, withFiles } from './harness.ts'

const A = '{"id":"a","input":"x","expected":"y"}'
const B = '{"id":"b","input":"x","expected":"y"}'
const SHAPE = 'Write {"examples": [{"id": "a", "input": "…", "expected": "…"}, …]}, or only the list.'

describe('JSON', () => {
  test.each([
    ['', '1: g.json has no examples.'],
    [' \n\n', '1: g.json has no examples.'],
    ['[]', '1: g.json has no examples.'],
    ['{"examples": []}', '1: g.json has no examples.'],
    ['{}', `1: The object has no "examples". Expected the list of examples there. ${SHAPE}`],
    [`{"exmaples": [${A}]}`, `1: The object has no "examples". Expected the list of examples there, found "exmaples".`],
    [
      '{\n"examples": {}}',
      '2: This is not a JSON dataset at column 13. Expected "[" and the list of examples, found "{".',
    ],
    ['"x"', '1: This is not a JSON dataset at column 1. Expected the list of examples, found "\\"".'],
    [
      `{"examples":[${A}],\n"examples":[${B}]}`,
      '2: This is not a JSON dataset at column 12. Expected one list of examples, not a second one',
    ],
    [
      `[${A}]\n\n  ${B}`,
      '3: This is not a JSON dataset at column 3. Expected nothing more after the examples, found "{". Write all examples in one list, or name the file .jsonl: one a line.',
    ],
    [
      `[${A}\n,\n]`,
      '3: This is not a JSON dataset at column 1. Expected an example after the comma, found "]". Remove the comma.',
    ],
    [`[${A}\n${B}]`, '2: This is not a JSON dataset at column 1. Expected "," or "]" after an example, found "{".'],
    ['[,]', '1: This is not a JSON dataset at column 2. Expected a value, found ",".'],
    ['{"a" 1}', '1: This is not a JSON dataset at column 6. Expected ":" after the key, found "1".'],
    ["{'examples': []}", '1: This is not a JSON dataset at column 2. Expected a key in double quotes, found "\'".'],
    ['{"examples": [], }', '1: This is not a JSON dataset at column 18. Expected a key in double quotes, found "}".'],
    [
      '{"version": 01, "examples": []}',
      '1: This is not JSON at column 14. Expected nothing more after the value, found "1".',
    ],
    [`[${A},\n{"id":"é€😀", "b":\n  tru}]`, '3: This is not JSON at column 3. Expected a value, found "t".'],
    [`[${A},{"é€😀":1,}]`, '1: This is not JSON at column 50. Expected a key in double quotes, found "}".'],
    ['[{"id":"a\nb"}]', '1: This is not JSON at column 10. Expected the string to end with ", found "\\n".'],
    ['[{"id":"a\\x"}]', '1: This is not JSON at column 10. Expected one of the escapes'],
    ['[{"id":"a\tb"}]', '1: This is not JSON at column 10. Expected no control character in a string'],
    ['[{"a":1.}]', '1: This is not JSON at column 9. Expected a digit, found "}".'],
    ['[{"a":-}]', '1: This is not JSON at column 8. Expected a digit, found "}".'],
    ['[{"a":1e}]', '1: This is not JSON at column 9. Expected a digit, found "}".'],
    ['[{"a":[1}]', '1: This is not JSON at column 9. Expected "," or "]", found "}".'],
    [
      '// golden\n[]',
      '1: This is not a JSON dataset at column 1. Expected the list of examples, found a comment, which JSON does not have. Remove the comment, or keep the dataset as YAML, which has comments.',
    ],
    ['[\n# golden\n]', '2: This is not JSON at column 1. Expected a value, found a comment'],
    [
      `[\n{"id": "a", // the first\n"input": 1}]`,
      '2: This is not JSON at column 13. Expected a key in double quotes, found a comment',
    ],
    [
      `{"examples": [\n${A}\n\n\n`,
      '2: The file ends at column 38. Expected "," or "]" after an example, but the file ends. Check that the file is complete.',
    ],
    [`{"examples": [\n${A}]\n`, '2: The file ends at column 39. Expected "," or "}", but the file ends.'],
    [
      `[${A},\n{"id":"b",\n"input":"ab\n`,
      '3: This is not JSON at column 12. Expected the string to end with ", found "\\n".',
    ],
    [
      `[${A},\n{"id":"b",\n"input":"ab`,
      '3: The file ends at column 12, inside a value that begins at line 2. Expected the string to end with ", but the text ends. Check that the file is complete.',
    ],
    [
      `[${A},\n{"id":"b",\n"input":\n\n`,
      '3: The file ends at column 9, inside a value that begins at line 2. Expected a value, but the text ends.',
    ],
    ['[', '1: The file ends at column 2. Expected a value, but the file ends.'],
    ['{"a', '1: The file ends at column 4, inside a value that begins at line 1.'],
  ])('%j', async (content, message) => {
    expect(await refusalOf({ 'g.json': content })).toContain(`g.json:${message}`)
  })

  test('goes on behind an example that is not JSON', async () => {
    const problems = await problemsOf({
      'g.json': `[\n{"id":a},\n${A},\n{"id":"a","input":"x","expected":"y"},\n{"b"}\n]`,
    })
    expect(problems.map(({ source, what }) => [source!.line, what])).toEqual([
      [2, 'This is not JSON at column 7'],
      [4, 'The id "a" is already at g.json:3'],
      [5, 'This is not JSON at column 5'],
    ])
  })
})

describe('JSON Lines', () => {
  test.each([
    ['\n \n', '1: g.jsonl has no examples.'],
    [
      `${A}\n{"id": }\r\n`,
      '2: The line is not JSON at column 8. Expected a value, found "}". Write one JSON object a line, or name the file .json if it is one JSON document.',
    ],
    [`${A}\n\n${B}${B}`, '3: The line is not JSON at column 38. Expected nothing more after the value, found "{".'],
    [`${A}\n{"id":"b"`, '2: The line is not JSON at column 10. Expected "," or "}", but the text ends.'],
    [
      `# golden\n${A}`,
      '1: The line is not JSON at column 1. Expected a value, found a comment, which JSON does not have. Remove the comment,',
    ],
    [`[\n${A}\n]`, '1: The line is not JSON at column 2. Expected a value, but the text ends.'],
    [`${A}\n"x"`, '2: The example is "x". Expected an object.'],
    [
      `${A}\n${'['.repeat(100_000)}`,
      '2: The line is not JSON at column 201. Expected at most 200 levels of nesting, found "[".',
    ],
    [`${A}\n{"id":"b\\","input":"x"}`, '2: The line is not JSON at column 13. Expected "," or "}", found "i".'],
  ])('%j', async (content, message) => {
    expect(await refusalOf({ 'g.jsonl': content })).toContain(`g.jsonl:${message}`)
  })
})

describe('CSV', () => {
  const header = 'id,input,expected,expected_tools\n'
  test.each([
    ['', '1: g.csv has no examples.'],
    [`${header}\n,,,\n`, '1: g.csv has no examples.'],
    [
      'a,b\n1,2',
      '1: The header row names no column "input". Expected a first row with the names of the columns, of id, input,',
    ],
    [
      'id,Inptu\n1,2',
      '1: The header row names no column "input". Expected a first row with the names of the columns, of id, input, expected, expected_tools, tags, critical, group, scorers, metadata, trajectory. Rename the column "Inptu" to "input".',
    ],
    [
      'id;input;expected\na;b;c',
      '1: The header row names no column "input". Expected commas between the cells, found semicolons. Save the file with commas.',
    ],
    ['id\tinput\na\tb', '1: The header row names no column "input". Expected commas between the cells, found tabs.'],
    ['id,input,input\n', '1: The header row names the column "input" twice.'],
    [
      `${header}a,b,c\n`,
      '2: The row has 3 cells. Expected 4, as the header row has. Put cells that have commas or line breaks in double quotes.',
    ],
    [`${header}a,b,c,d,e\n`, '2: The row has 5 cells.'],
    [`${header}a,"b\nb"\n\n"c",c,c\n`, '5: The row has 3 cells.'],
    [
      `${header}a,"b\né"x,c,d\n`,
      '3: The row has a wrong quote at column 3. Expected a comma or the end of the line after the closing quote.',
    ],
    [
      `${header}a,b,c,d\né,"b,c\n\n`,
      '3: The row has a wrong quote at column 3. Expected the cell that begins with " here to end with ".',
    ],
    [
      `${header}a,b,c,"[{""name"": }]"\n`,
      '2: The cell of expected_tools begins like JSON, and is not at its character 11. Expected a value, found "}". Mend the JSON, or write names with | between them.',
    ],
  ])('%j', async (content, message) => {
    expect(await refusalOf({ 'g.csv': content })).toContain(`g.csv:${message}`)
  })

  test('goes on behind a row with a wrong quote', async () => {
    const problems = await problemsOf({ 'g.csv': `id,input,expected\n"a"x,"b",c\n"d",e\n` })
    expect(problems.map(({ source, what }) => [source!.line, what])).toEqual([
      [2, 'The row has a wrong quote at column 4'],
      [3, 'The row has 2 cells'],
    ])
  })
})

describe('YAML', () => {
  test.each([
    ['', '1: g.yaml has no examples.'],
    ['# nothing\n---\n', '1: g.yaml has no examples.'],
    ['[]', '1: g.yaml has no examples.'],
    ['\ntext', '2: The file is neither a list nor a mapping. Expected the list of examples.'],
    ['name: g\nexamples:\n  id: a', '3: There is no list under "examples".'],
    ['name: g', '1: There is no list under "examples".'],
    [
      '- id: a\n  input: hello: world',
      '2: This is not YAML at column 10. The parser says: Nested mappings are not allowed in compact mappings. Mend it, or quote the text.',
    ],
    ['- id: a\n  input: [x\n\n', '2: This is not YAML at column 12. The parser says: Flow sequence'],
    ['examples:\n\t- id: a', '2: This is not YAML at column 1. The parser says: Tabs are not allowed'],
    ['- id: a\n---\n- id: b', '2: This is not YAML at column 1. The parser says: Source contains multiple documents'],
    ['- id: a\n  input: x\n  id: b', '3: The key "id" is there twice. Expected each key once.'],
    ['- ? [x]\n  : 1', '1: A key is not a plain word.'],
    ['- id: a\n  input: *x', '2: There is no anchor "x" before this use.'],
    ['- id: a\n  input: !!binary aGk=', '2: This is not YAML at column 10. The parser says: Unresolved tag'],
    [
      '- id: a\n  input: &i {again: *i}\n  expected: x',
      '2: input.again.again.again.again.again… is nested more than 200 levels deep.',
    ],
    [`- &a x\n${'- *a\n'.repeat(101)}`, '1: The anchors cannot be resolved. The parser says: Excessive alias count'],
    [`- ${'['.repeat(100_000)}`, '1: This is not YAML at column'],
    [`${'{'.repeat(400)}${'}'.repeat(400)}`, '1: A key is not a plain word.'],
    [
      `- [${','.repeat(500_001)}`,
      '1: The file has more than 500000 words and signs. YAML is held in memory as a whole. Keep large datasets as JSON Lines (.jsonl).',
    ],
  ])('%j', async (content, message) => {
    expect(await refusalOf({ 'g.yaml': content })).toContain(`g.yaml:${message}`)
  })

  test('dates and numbers do not change with a directive', async () => {
    const content = '%YAML 1.1\n---\n- {id: a, input: 2001-01-01, expected: yes}'
    const problems = await problemsOf({ 'g.yaml': `${content}\n- {id: b, input: 0o17, expected: x}` })
    expect(problems.map(({ what }) => what)).toEqual(['input is 15'])
  })
})

describe('encoding', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1')
  const far = `${A.replace('"a"', '"far"').replace('"x"', `"${'€'.repeat(200_000)}"`)}\n`
  test.each([
    [
      'UTF-16 little endian',
      Buffer.from(`\ufeff${A}`, 'utf16le'),
      '1: The file is UTF-16 (its byte order mark says so). Expected a text file in UTF-8.',
    ],
    ['UTF-16 big endian', Buffer.from(`\ufeff${A}`, 'utf16le').swap16(), '1: The file is UTF-16'],
    ['UTF-16 without a mark', Buffer.from(`${A}\n`, 'utf16le'), '1: The file has a NUL byte.'],
    ['NUL', Buffer.from(`${A}\n${B.replace('x', '\0')}`), '2: The file has a NUL byte.'],
    [
      'Latin-1',
      latin1(`${A}\n\n{"id":"caf\xe9"}\n`),
      '3: The line has bytes that are not UTF-8. Expected a text file in UTF-8. Save it as UTF-8',
    ],
    ['Latin-1 at the end', latin1(`${A}\ncaf\xe9`), '2: The line has bytes that are not UTF-8.'],
    [
      'Latin-1 behind the first chunks',
      Buffer.concat([Buffer.from(far), latin1('\n\xff')]),
      '3: The line has bytes that are not UTF-8.',
    ],
    [
      'an encoded surrogate',
      Buffer.concat([Buffer.from(`${A}\n`), Buffer.from([0xed, 0xa0, 0x80])]),
      '2: The line has bytes',
    ],
  ])('%s is refused with its line', async (_, content, message) => {
    for (const name of ['g.jsonl', 'g.csv', 'g.yaml']) {
      expect(await refusalOf({ [name]: content })).toContain(`${name}:${message}`)
    }
  })
})

describe('files', () => {
  const dataset = { 'sets/golden.json': `[${A}]` }
  test.each([
    [
      ['sets/goldne.json'],
      'The dataset file sets/goldne.json does not exist. Expected a path relative to the working directory. Did you mean "sets/golden.json"?',
    ],
    [['sets/golden.jsonl'], 'Did you mean "sets/golden.json"?'],
    [['sets/golden'], 'Did you mean "sets/golden.json"?'],
    [
      ['nowhere/golden.json'],
      'The dataset file nowhere/golden.json does not exist. Expected a path relative to the working directory. Check the path, and that the file is committed.',
    ],
    [['sets/golden.json/x.json'], 'does not exist.'],
    [['sets'], 'sets is a directory. A dataset is read from files. Name the files in it.'],
    [['.'], '. is a directory.'],
    [['sets/golden.json', './sets//golden.json'], 'The dataset names sets/golden.json twice.'],
    [[], 'The dataset golden names no file.'],
  ])('%j', async (paths, message) => {
    expect(await refusalOf(dataset, { paths })).toContain(message)
  })

  test.each([
    [
      'golden.txt',
      'The dataset file golden.txt ends in ".txt". Expected one of .json, .jsonl, .ndjson, .csv, .yaml, .yml.',
    ],
    ['golden', 'The dataset file golden has no ending.'],
    ['golden.constructor', 'The dataset file golden.constructor ends in ".constructor".'],
  ])('%s is of no known format', async (name, message) => {
    expect(await refusalOf({ [name]: A })).toContain(message)
  })

  test('a named pipe is not waited for', async () => {
    await withFiles({}, async (cwd) => {
      execFileSync('mkfifo', [join(cwd, 'pipe.json')])
      const loading = loadDataset({ name: 'golden', paths: ['pipe.json'] }, { cwd, warn: () => {} })
      await expect(loading).rejects.toThrow('pipe.json is not a regular file.')
    })
  })

  test('all files and up to twenty problems of each are named, then how many more there are', async () => {
    const bad = Array.from({ length: 25 }, () => '{}').join('\n')
    const problems = await problemsOf({ 'a.jsonl': bad, 'b.json': '[' }, { paths: ['a.jsonl', 'gone.csv', 'b.json'] })
    expect(problems).toHaveLength(23)
    expect(problems.slice(19).map(({ what }) => what)).toEqual([
      'The example expects nothing',
      'There are 30 more problems in a.jsonl',
      'The dataset file gone.csv does not exist',
      'The file ends at column 2',
    ])
  })

  test.each([
    ['g.json', `[${'{"a",},'.repeat(100_000)}{}]`, 'This is not JSON at column 6'],
    ['g.csv', `input\n${'"a"b\n'.repeat(100_000)}`, 'The row has a wrong quote at column 4'],
    ['g.jsonl', '{"a",}\n'.repeat(100_000), 'The line is not JSON at column 5'],
    ['g.yaml', `e: &e [${'1,'.repeat(50_000)}]\nexamples: *e`, 'The example is 1'],
  ])('many problems of %s take no more time than few', async (name, content, what) => {
    const problems = await problemsOf({ [name]: content })
    expect(problems[0]).toMatchObject({ what })
    expect(problems).toHaveLength(21)
  })

  test('a file that may not be read is refused with the reason', async () => {
    await withFiles({}, async (cwd) => {
      // Permissions do not bind root, the length of a name does.
      const name = 'x'.repeat(300)
      const loading = loadDataset({ name: 'golden', paths: [`${name}.json`] }, { cwd, warn: () => {} })
      await expect(loading).rejects.toThrow(ConfigurationError)
      await expect(loading).rejects.toThrow('cannot be read. ENAMETOOLONG')
    })
  })
})
