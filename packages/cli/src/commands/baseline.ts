import { configOf, historySetting } from '@agent-ci/action-nightly-eval/history-setting'
import { ConfigurationError, formatProblem } from '@agent-ci/core/errors'
import type { Host, Outcome } from '@agent-ci/core/host'
import { suggestName } from '@agent-ci/core/nearest'
import { bless } from '@agent-ci/core/nightly/bless'
import { DETECTOR_DEFAULTS } from '@agent-ci/core/nightly/detector-settings'
import type { History, Remembered } from '@agent-ci/core/nightly/history'
import { forLog } from '@agent-ci/core/untrusted'
import { DEFAULT_HISTORY, openHistory } from '@agent-ci/github/history/open-history'
import { runIdentity } from '@agent-ci/github/run-identity'
import { countOf } from '@agent-ci/reporting/numbers'
import { type Command, done } from '../command.ts'
import { baselineStory, baselineTable, findingsOf } from './baseline/listing.ts'

async function readFrom(history: History, host: Host): Promise<Remembered> {
  const remembered = await history.read()
  for (const problem of remembered.problems) host.warn('History', formatProblem(problem))
  return remembered
}

async function blessRun(host: Host, history: History, run: string): Promise<Outcome> {
  const { nights } = await readFrom(history, host)
  const blessings = bless(nights, {
    run,
    reason: host.input('reason'),
    by: runIdentity(host.env).actor,
    at: host.date().toISOString(),
    dataset: host.input('dataset'),
    model: host.input('model'),
  })
  await history.append({ blessings }, `Run ${run} is blessed`)
  const datasets = blessings.map(({ dataset, night }) => `${forLog(dataset, 100)} from ${night}`).join(', ')
  return done(
    `Run ${run} is blessed: new baseline of ${datasets}; it is judged against after ${DETECTOR_DEFAULTS.leastNights} nights`,
  )
}

async function list(host: Host, history: History): Promise<Outcome> {
  const remembered = await readFrom(history, host)
  const { night, findings } = findingsOf(remembered)
  if (findings.length === 0) return done(`There is no night in ${history.place}`)
  for (const line of baselineTable(remembered, findings)) host.info(line)
  return done(`${findings.length} series in ${history.place}, as of ${night}`)
}

async function show(host: Host, history: History, dataset: string): Promise<Outcome> {
  const remembered = await readFrom(history, host)
  const { night, findings } = findingsOf(remembered)
  const known = [...new Set(findings.map((finding) => finding.dataset))]
  if (!known.includes(dataset)) {
    throw new ConfigurationError({
      what: `${history.place} knows no dataset "${forLog(dataset, 100)}"`,
      why: 'show tells the baselines of one dataset',
      mend:
        known.length === 0
          ? 'Let nightly-eval run first'
          : suggestName(
              dataset,
              known.map((name) => forLog(name, 100)),
            ),
    })
  }
  for (const line of baselineStory(remembered, findings, dataset)) host.info(line)
  return done(`${countOf(remembered.blessings.length, 'blessing')} in ${history.place}, as of ${night}`)
}

const ACTIONS = ['bless', 'list', 'show'] as const
const OPERANDS = { bless: '<run>', list: '', show: '<dataset>' } as const

function misused(what: string, mend: string): ConfigurationError {
  return new ConfigurationError({ what, why: 'A command line that is only half understood is not run', mend })
}

/** `agent-ci baseline bless|list|show`: what moves a baseline, and what there is. */
export const baselineCommand: Command = {
  operands: 'bless <run> | list | show <dataset>',
  options: {
    reason: 'bless: why this run is the new normal',
    dataset: 'bless: of this dataset only (default: every one of the run)',
    model: 'bless: of this model only (default: every one)',
    config: 'Path of the configuration, for its `nightly.history` (default: agent-ci.yaml where there is one)',
    history: `Where the nights are kept: branch:<name> or dir:<path> (default: as nightly-eval has it, which is ${DEFAULT_HISTORY} with GITHUB_TOKEN and GITHUB_REPOSITORY)`,
  },
  flags: {},
  run: async (host, [word = '', ...operands]) => {
    const action = ACTIONS.find((each) => each === word)
    if (!action) {
      const what =
        word === '' ? 'agent-ci baseline was not told what to do' : `agent-ci baseline has no "${forLog(word, 100)}"`
      throw misused(what, word === '' ? 'Write for example agent-ci baseline list' : suggestName(word, ACTIONS))
    }
    const needed = OPERANDS[action] === '' ? 0 : 1
    if (operands.length !== needed) {
      throw misused(
        `${action} ${needed === 0 ? 'takes nothing more' : `takes one ${OPERANDS[action]}`}, got ${operands.length}`,
        `Write agent-ci baseline ${action} ${OPERANDS[action]}`.trimEnd(),
      )
    }
    for (const option of ['reason', 'dataset', 'model'])
      if (action !== 'bless' && host.input(option) !== '')
        throw misused(`${action} has no option --${option}`, `Leave --${option} out`)
    const token = host.env.GITHUB_TOKEN || host.env.GH_TOKEN || ''
    const history = openHistory(historySetting(await configOf(host), token, host), host)
    const [operand = ''] = operands
    if (action === 'bless') return blessRun(host, history, operand)
    return action === 'list' ? list(host, history) : show(host, history, operand)
  },
}
