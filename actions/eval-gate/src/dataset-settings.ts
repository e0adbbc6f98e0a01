import { readFile } from 'node:fs/promises'
import { findConfig } from '@agent-ci/core/config/find'
import type { LocatedConfig } from '@agent-ci/core/config/parse'
import { optional, type SettingReader } from '@agent-ci/core/config/setting-reader'
import { ConfigurationError } from '@agent-ci/core/errors'
import { suggestName } from '@agent-ci/core/nearest'
import * as quantities from '@agent-ci/core/quantities'
import type { Pairing } from '@agent-ci/evaluation/datasets/attacked'
import { resolveDatasetPath, splitFormat } from '@agent-ci/evaluation/datasets/formats'
import { isSuite } from '@agent-ci/evaluation/datasets/suites'
import { isReference, parseReference } from '@agent-ci/evaluation/langsmith/reference'
import type { InputName } from './interface.ts'

/** A dataset by its name and its paths, each absolute or a reference. */
export interface DatasetSetting {
  readonly name: string
  readonly paths: readonly string[]
}

export type AttackSetting = Omit<Pairing, 'seed'> & DatasetSetting

/** The dataset that an input names: files, a reference, a suite, or a dataset of the configuration; the first of it where it names none. */
export function readDataset(
  text: string,
  located: LocatedConfig | undefined,
  cwd: string,
  baseDir: string,
): DatasetSetting {
  const configured = located?.config.datasets ?? {}
  const names = Object.keys(configured)
  const pathsOf = (name: string) => [configured[name]!].flat().map((path) => resolveDatasetPath(baseDir, path))
  if (text === '') {
    const first = names[0]
    if (first !== undefined) return { name: first, paths: pathsOf(first) }
    throw new ConfigurationError({
      what: 'There is no dataset',
      why: 'An evaluation needs golden examples',
      mend: 'Write dataset: golden.jsonl as an input, or datasets: in agent-ci.yaml',
    })
  }
  if (Object.hasOwn(configured, text)) return { name: text, paths: pathsOf(text) }
  const paths = quantities.parseList(text)
  const looksLikeName = paths.find((path) => !/[./\\]/.test(path) && !isReference(path) && !isSuite(path))
  if (looksLikeName !== undefined) {
    throw new ConfigurationError({
      what: `dataset is "${looksLikeName}"`,
      why: 'It is neither a file nor a dataset of the configuration',
      mend:
        names.length > 0 ? suggestName(looksLikeName, names) : 'Write the path of a .json, .jsonl, .csv or .yaml file',
    })
  }
  const stem = (path: string) =>
    splitFormat(path)
      .path.replace(/^.*[\\/]/, '')
      .replace(/\.[^.]*$/, '')
  return {
    name: paths.map((path) => (isReference(path) ? parseReference(path).name : stem(path))).join('+'),
    paths: paths.map((path) => resolveDatasetPath(cwd, path)),
  }
}

/** Every dataset that the configuration names. */
export async function readConfiguredDatasets(path: string, cwd: string): Promise<DatasetSetting[]> {
  const { located, baseDir } = await findConfig(path, cwd, (file) => readFile(file, 'utf8'))
  return Object.keys(located?.config.datasets ?? {}).map((name) => readDataset(name, located, cwd, baseDir))
}

/** The probes that golden examples are attacked with, and the seed of probes, also of a dataset that consists of them. */
export function readAttacks(
  reader: SettingReader<InputName>,
  cwd: string,
  baseDir: string,
): { readonly attackSeed: string; readonly attacks?: AttackSetting } {
  const paths = reader.read<readonly string[]>(
    'attacks',
    [],
    (text, { source }) => quantities.parseList(text).map((path) => resolveDatasetPath(source ? baseDir : cwd, path)),
    ['safety', 'attacks'],
  )
  const seed = reader.read('attack-seed', '', (text) => text.trim(), ['safety', 'seed'])
  const runSeed = reader.read('seed', '1', (text) => text, ['evaluation', 'seed'])
  const whole = (text: string, origin: quantities.Origin) => quantities.parseWhole(text, origin, 1, 1_000_000)
  const pairs = reader.read<number | undefined>('attack-pairs', undefined, whole, ['safety', 'pairs'])
  const at = reader.read<number | undefined>('attack-at', undefined, whole, ['safety', 'at'])
  const attackSeed = seed || runSeed
  if (paths.length === 0) return { attackSeed }
  const name = paths.map((path) => path.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '')).join('+')
  return { attackSeed, attacks: { name, paths, ...optional('pairs', pairs), ...optional('at', at) } }
}
