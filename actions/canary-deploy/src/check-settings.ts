import { resolve } from 'node:path'
import type { SettingReader } from '@agent-ci/core/config/setting-reader'
import * as quantities from '@agent-ci/core/quantities'

/** Inputs that say how a release is tried; rollback has them too. */
export const CHECK_INPUTS = {
  'health-url': 'Answers 200 when the release is healthy: asked up to 30 times, 2 s apart',
  'smoke-dataset': 'Golden examples that the release must answer',
  'smoke-url': 'Where the smoke examples are sent, as to an http agent',
  'smoke-min-accuracy': 'Share of the smoke examples that must pass (default 100%)',
} as const

type CheckInput = keyof typeof CHECK_INPUTS

/** What is tried on a release before it counts as good. */
export interface CheckSettings {
  readonly healthUrl: string | undefined
  readonly smoke: { readonly dataset: string; readonly url: string; readonly minAccuracy: number } | undefined
}

/** Problems stay with the reader. */
export function readChecks<Name extends string>(
  reader: SettingReader<Name | CheckInput>,
  input: (name: CheckInput) => string,
  cwd: string,
): CheckSettings {
  const url = (name: CheckInput): string | undefined => {
    const text = input(name).trim()
    if (text === '' || /^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text || undefined
    reader.problems.push({
      what: `${name} is ${JSON.stringify(text)}`,
      why: 'Expected an address that begins with http:// or https://',
      mend: `Write for example ${name}: https://agent-canary.example/health`,
    })
    return undefined
  }
  const dataset = input('smoke-dataset').trim()
  const smokeUrl = url('smoke-url')
  if (dataset !== '' && input('smoke-url').trim() === '')
    reader.problems.push({
      what: 'smoke-dataset is given without smoke-url',
      why: 'It is not known where the examples are to be sent: of a canary it is its own address, not what users reach',
      mend: 'Give smoke-url the address of the release, such as that of its own Service',
    })
  const minAccuracy = (reader as SettingReader<CheckInput>).read('smoke-min-accuracy', 1, quantities.parseRate)
  return {
    healthUrl: url('health-url'),
    smoke:
      dataset === '' || smokeUrl === undefined
        ? undefined
        : { dataset: resolve(cwd, dataset), url: smokeUrl, minAccuracy },
  }
}
