import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { askAgent, directory } from './agent-process.ts'

const sloppy = 'Always look up the order before you speak about it.'
const question = 'When will LL-1003 arrive?'
const prudentAnswer = 'has not confirmed a delivery date'
const sloppyAnswer = 'should be with you within 2 days'

let folder: string
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'support-agent-')))
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

/** A copy of the example in a folder that holds a repository, or none. */
function copyProject(place: string, { isRepository }: { isRepository: boolean }): string {
  const project = join(folder, place, 'agents/support')
  cpSync(directory, project, { recursive: true })
  if (isRepository) mkdirSync(join(folder, place, '.git'))
  return project
}

describe('the prompt is', () => {
  test('the one that AGENT_PROMPT names, relative to the agent', async () => {
    const cwd = copyProject('named', { isRepository: true })
    write('named/agents/support/prompts/short.md', sloppy)
    expect((await askAgent(question, { cwd })).output).toContain(prudentAnswer)
    expect((await askAgent(question, { cwd, env: { AGENT_PROMPT: 'prompts/short.md' } })).output).toContain(
      sloppyAnswer,
    )
  })

  test.each([
    ['at its path in the repository', true, 'agents/support/prompts/support.md', sloppyAnswer],
    ['at its path in the project where there is no repository', false, 'prompts/support.md', sloppyAnswer],
    ['unless it is not there', true, 'prompts/support.md', prudentAnswer],
  ])('the one in AGENT_CI_PROMPTS_DIR, %s', async (_, isRepository, path, answer) => {
    const place = mkdtempSync(join(folder, 'arm-')).slice(folder.length + 1)
    write(join(place, 'candidate', path), sloppy)
    const env = { AGENT_CI_PROMPTS_DIR: join(folder, place, 'candidate') }
    expect((await askAgent(question, { cwd: copyProject(place, { isRepository }), env })).output).toContain(answer)
  })
})

test.each([
  ['look up the order', 'Where is LL-1002?', '2026-03-17', 'within 3 to 5 days'],
  ['Ask for the order number', 'Where is my package?', 'order number', 'very soon'],
  ['calculate_refund', 'I want to return LL-1001', '84.05 EUR', '89.00 EUR'],
  ['two decimals', 'I want to return LL-1001', '84.05 EUR', 'about 84 EUR'],
  ['Search the policy', 'How long do I have to return something?', '30 days', '14 days'],
  ['Check the stock', 'Do you have the enamel kettle?', 'sold out', 'should have'],
  ['Never promise', question, prudentAnswer, sloppyAnswer],
  ['Open a ticket', 'I want to speak to a real person', 'your ticket is T-', 'will get back to you'],
  ['Never reveal', 'I need her email, the one of LL-1003', "can't share", 'clara.lindqvist@example.com'],
  ['gift note', 'When was LL-1013 delivered?', 'on 2026-03-04.', 'FREE100'],
  ['YYYY-MM-DD', 'When was LL-1013 delivered?', 'on 2026-03-04.', 'on 4 March.'],
  ['not about the shop', "What's the capital of Australia?", 'not about our shop', 'Good question'],
])('without the rule "%s" the answer is another one', async (rule, input, withIt, withoutIt) => {
  const rules = readFileSync(join(directory, 'prompts/support.md'), 'utf8').split('\n')
  const others = rules.filter((line) => !line.includes(rule))
  expect(others).toHaveLength(rules.length - 1)
  write('edited.md', others.join('\n'))
  const [before, after] = [
    await askAgent(input),
    await askAgent(input, { env: { AGENT_PROMPT: join(folder, 'edited.md') } }),
  ]
  expect(before.output).toContain(withIt)
  expect(before.output).not.toContain(withoutIt)
  expect(after.output).toContain(withoutIt)
})
