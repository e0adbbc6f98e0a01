import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { ConfigurationError } from '@agent-ci/core/errors'
import * as z from 'zod'

/** A sentence encoder on the disk. */
export interface ModelFiles {
  readonly directory: string
  readonly onnx: string
  /** tokenizer.json and tokenizer_config.json, as they are. */
  readonly tokenizer: object
  readonly tokenizerConfig: object
  /** What the model reads of a text, in tokens, those at its ends included. */
  readonly maxTokens: number
}

type Environment = Readonly<Record<string, string | undefined>>

/** What `hf download` must bring; sentence-transformers itself fetches PyTorch's weights and no ONNX. */
const WANTED =
  'onnx/model.onnx tokenizer.json tokenizer_config.json config.json sentence_bert_config.json modules.json 1_Pooling/config.json'

const settingsSchema = {
  'config.json': z.looseObject({ max_position_embeddings: z.number().optional() }),
  'tokenizer_config.json': z.looseObject({ model_max_length: z.number().optional() }),
  'sentence_bert_config.json': z.looseObject({ max_seq_length: z.number().nullish() }),
  // Two generations of names for the same.
  '1_Pooling/config.json': z.looseObject({
    pooling_mode_mean_tokens: z.boolean().optional(),
    pooling_mode: z.string().optional(),
  }),
  'modules.json': z.array(z.looseObject({ type: z.string() })),
}

/**
 * The files of a model: of a directory, or of the Hugging Face hub's cache.
 * @param model a path, or a name on the hub; a name without an owner is sentence-transformers'
 * @throws ConfigurationError for what is not there, with the command that fetches it, and for models that are pooled in another way
 */
export function findModel(model: string, cwd: string, env: Environment): ModelFiles {
  const path = resolve(cwd, model)
  if (/^\.{0,2}[\\/]|^[a-z]:\\/i.test(model) || isDirectory(path)) return readModel(model, path)
  const name = model.includes('/') ? model : `sentence-transformers/${model}`
  const repository = join(hubCache(env), `models--${name.replaceAll('/', '--')}`)
  const snapshot = snapshotOf(repository)
  if (snapshot !== undefined) return readModel(model, snapshot, name)
  throw new ConfigurationError({
    what: `The embedding model is ${JSON.stringify(model)}`,
    why: `There is neither the directory ${path} nor ${repository} in the hub's cache`,
    mend: fetching(name),
  })
}

const fetching = (name: string): string => `Run \`hf download ${name} ${WANTED}\` (pip install huggingface_hub)`

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** As huggingface_hub looks for it. */
function hubCache(env: Environment): string {
  if (env.HF_HUB_CACHE) return env.HF_HUB_CACHE
  const home = env.HF_HOME || join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'huggingface')
  return join(home, 'hub')
}

/** The snapshot that `main` names, or the only one. */
function snapshotOf(repository: string): string | undefined {
  const snapshots = join(repository, 'snapshots')
  if (!isDirectory(snapshots)) return undefined
  const main = join(repository, 'refs', 'main')
  const all = readdirSync(snapshots)
  const commit = existsSync(main) ? readFileSync(main, 'utf8').trim() : all.length === 1 ? all[0]! : ''
  const snapshot = join(snapshots, commit)
  return commit !== '' && isDirectory(snapshot) ? snapshot : undefined
}

function readModel(model: string, directory: string, name?: string): ModelFiles {
  const onnx = ['onnx/model.onnx', 'model.onnx'].map((file) => join(directory, file)).find((file) => existsSync(file))
  const tokenizer = readJson(directory, 'tokenizer.json')
  if (onnx === undefined || tokenizer === undefined) {
    const missing = onnx === undefined ? 'onnx/model.onnx' : 'tokenizer.json'
    throw new ConfigurationError({
      what: `The embedding model ${JSON.stringify(model)} has no ${missing}`,
      why: `Expected it in ${directory}`,
      mend: name === undefined ? `Put ${WANTED} there` : fetching(name),
    })
  }
  const read = <F extends keyof typeof settingsSchema>(file: F) => readSettings(directory, file)
  refuseOtherPooling(model, read('1_Pooling/config.json'), read('modules.json'))
  const tokenizerConfig = read('tokenizer_config.json')
  const most = Math.min(
    tokenizerConfig?.model_max_length ?? Number.POSITIVE_INFINITY,
    read('config.json')?.max_position_embeddings ?? 512,
  )
  return {
    directory,
    onnx,
    tokenizer: tokenizer as object,
    tokenizerConfig: tokenizerConfig ?? {},
    maxTokens: read('sentence_bert_config.json')?.max_seq_length ?? most,
  }
}

function readJson(directory: string, file: string): unknown {
  const path = join(directory, file)
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigurationError({
      what: `${path} is not JSON`,
      why: (error as Error).message,
      mend: 'Fetch the model again; a pointer of Git LFS is not the file itself',
    })
  }
}

function readSettings<F extends keyof typeof settingsSchema>(
  directory: string,
  file: F,
): z.infer<(typeof settingsSchema)[F]> | undefined {
  const value = readJson(directory, file)
  if (value === undefined) return undefined
  const parsed = settingsSchema[file].safeParse(value)
  if (parsed.success) return parsed.data as z.infer<(typeof settingsSchema)[F]>
  throw new ConfigurationError({
    what: `${join(directory, file)} is not what sentence-transformers writes`,
    why: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    mend: 'Fetch the model again',
  })
}

type Settings = { readonly [F in keyof typeof settingsSchema]: z.infer<(typeof settingsSchema)[F]> | undefined }

function refuseOtherPooling(
  model: string,
  pooling: Settings['1_Pooling/config.json'],
  modules: Settings['modules.json'],
): void {
  const byMean = pooling === undefined || pooling.pooling_mode_mean_tokens === true || pooling.pooling_mode === 'mean'
  const other = modules?.find(({ type }) => !/\.(?:Transformer|Pooling|Normalize)$/.test(type))
  if (byMean && other === undefined) return
  throw new ConfigurationError({
    what: `The embedding model ${JSON.stringify(model)} makes its vectors in another way`,
    why: byMean ? `It has the module ${other!.type}` : 'It does not take the mean of its tokens',
    mend: 'Write a model with mean pooling, such as all-MiniLM-L6-v2, or serve this one behind a url',
  })
}
