import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { findConfig } from '@agent-ci/core/config/find'
import { ConfigurationError } from '@agent-ci/core/errors'
import type { Host } from '@agent-ci/core/host'
import { suggestName } from '@agent-ci/core/nearest'
import { parseList, parseWhole } from '@agent-ci/core/quantities'
import { forLog } from '@agent-ci/core/untrusted'
import { cassetteStats, verifyCassettes } from '@agent-ci/gateway/cassette/inspect'
import { matchingRules } from '@agent-ci/gateway/cassette/normalise'
import { pack } from '@agent-ci/gateway/cassette/pack'
import { prune as pruneCassettes } from '@agent-ci/gateway/cassette/prune'
import { Redactor } from '@agent-ci/gateway/cassette/redaction'
import { DEFAULT_CASSETTES } from '@agent-ci/gateway/settings'
import { formatCount, formatUsd } from '@agent-ci/reporting/numbers'
import { type Command, done } from '../command.ts'

const ACTIONS = ['stats', 'verify', 'pack', 'prune']
const DAY_MS = 86_400_000

interface Place {
  readonly directory: string
  readonly host: Host
  readonly redactor: Redactor
  readonly rules: ReturnType<typeof matchingRules>
}

async function placeOf(host: Host, argument: string | undefined): Promise<Place> {
  const { located, baseDir } = await findConfig(host.input('config'), host.cwd, (file) => readFile(file, 'utf8'))
  const gateway = located?.config.gateway
  const directory =
    argument === undefined ? resolve(baseDir, gateway?.cassettes ?? DEFAULT_CASSETTES) : resolve(host.cwd, argument)
  if (!existsSync(directory))
    throw new ConfigurationError({
      what: `There is no directory ${forLog(directory, 300)}`,
      why: 'Recorded answers are kept in it',
      mend: 'Record some with agent-ci gateway --mode auto -- <program>, or name the directory: agent-ci cassettes stats <directory>',
    })
  return {
    host,
    directory,
    redactor: new Redactor({ secrets: [], patterns: [...(gateway?.redact ?? []), ...parseList(host.input('redact'))] }),
    rules: matchingRules(gateway?.ignore, gateway?.normalise),
  }
}

function showStats({ directory, host }: Place): string {
  const stats = cassetteStats(directory)
  for (const [call, count] of Object.entries(stats.calls))
    host.info(`${formatCount(count).padStart(8)}  ${forLog(call)}`)
  const cost = stats.costUsd === null ? 'unknown cost' : `${formatUsd(stats.costUsd)} when recorded`
  return `${formatCount(stats.recordings)} recordings of ${formatCount(stats.examples)} examples in ${stats.files} files (${formatCount(stats.bytes)} bytes), ${cost}; ${stats.journals} to pack, ${stats.damaged} damaged`
}

function showFindings({ directory, host, redactor, rules }: Place) {
  const findings = verifyCassettes(directory, redactor, rules)
  for (const { file, kind, message } of findings) host.info(`${forLog(file)}: ${kind}: ${forLog(message)}`)
  if (findings.length === 0)
    return done('Every recording is readable, holds no secret that we know of, and can be found')
  return {
    verdict: 'failed',
    exitStatus: 1,
    headline: `${findings.length} recordings are not as they should be`,
  } as const
}

function pruneOld({ directory, host }: Place): string {
  const days = host.input('older-than-days')
  if (days === '')
    throw new ConfigurationError({
      what: 'There is no --older-than-days',
      why: 'prune removes recordings by their age',
      mend: 'Write for example agent-ci cassettes prune --older-than-days 90',
    })
  const least = host.date().getTime() - parseWhole(days, { name: 'older-than-days' }, 0) * DAY_MS
  const packed = pruneCassettes(directory, host.date().getTime(), { before: new Date(least).toISOString() })
  return `${formatCount(packed.dropped)} dropped, ${formatCount(packed.recordings)} kept`
}

/** `agent-ci cassettes stats|verify|pack|prune [directory]` */
export const cassettesCommand: Command = {
  operands: '<action> [directory]',
  options: {
    config: 'Path of the configuration, for its `gateway` part',
    redact: 'verify: further regular expressions for secrets',
    'older-than-days': 'prune: drop recordings older than this',
  },
  flags: {},
  run: async (host, [action = '', argument]) => {
    if (!ACTIONS.includes(action)) {
      const example = 'Write for example agent-ci cassettes stats'
      throw new ConfigurationError({
        what:
          action === ''
            ? 'agent-ci cassettes was not told what to do'
            : `agent-ci cassettes has no "${forLog(action, 100)}"`,
        why: `Expected one of ${ACTIONS.join(', ')}`,
        mend: action === '' ? example : suggestName(action, ACTIONS, example),
      })
    }
    const place = await placeOf(host, argument)
    if (action === 'verify') return showFindings(place)
    if (action === 'stats') return done(showStats(place))
    if (action === 'prune') return done(pruneOld(place))
    const packed = pack(place.directory, host.date().getTime())
    return done(
      `${formatCount(packed.recordings)} recordings in ${packed.files.length} files; ${formatCount(packed.superseded)} superseded, ${packed.damage.length} damaged lines dropped`,
    )
  },
}
