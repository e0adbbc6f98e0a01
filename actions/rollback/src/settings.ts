import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type CheckSettings, readChecks } from '@agent-ci/action-canary-deploy/check-settings'
import { findConfig } from '@agent-ci/core/config/find'
import { SettingReader } from '@agent-ci/core/config/setting-reader'
import type { Host } from '@agent-ci/core/host'
import * as quantities from '@agent-ci/core/quantities'
import { type Place, readPlace } from '@agent-ci/delivery/settings'
import type { InputName } from './interface.ts'

export const MODES = ['apply', 'drill', 'list'] as const

export interface RollbackSettings {
  readonly place: Place
  readonly to: string
  readonly stepsBack: number
  readonly mode: (typeof MODES)[number]
  readonly checks: CheckSettings
  readonly outputDir: string
  readonly githubToken: string
}

/** Inputs over configuration over defaults, refused with all problems at once. */
export async function readSettings(host: Pick<Host, 'input' | 'cwd'>): Promise<RollbackSettings> {
  const { located, baseDir } = await findConfig(host.input('config'), host.cwd, (file) => readFile(file, 'utf8'))
  const reader = new SettingReader<InputName>(host.input, located)
  const settings = {
    place: readPlace(reader, host.input, located, { cwd: host.cwd, baseDir }),
    to: host.input('to').trim(),
    stepsBack: reader.read('steps-back', 1, (text, origin) => quantities.parseWhole(text, origin, 1, 50)),
    checks: readChecks(reader, host.input, host.cwd),
    outputDir: resolve(host.cwd, host.input('output-dir').trim() || 'agent-ci-results'),
    githubToken: host.input('github-token').trim(),
    mode: reader.read('mode', 'apply', (text, origin) => quantities.parseChoice(text, origin, MODES)),
  }
  if (settings.to !== '' && host.input('steps-back').trim() !== '')
    reader.problems.push({
      what: 'Both to and steps-back are given',
      why: 'Each of them names the release to go back to',
      mend: 'Leave one of them out',
    })
  reader.refuseProblems()
  return settings
}
