import { resolve } from 'node:path'
import type { ScorerConfigOf } from '@agent-ci/core/config/scorers'
import { ConfigurationError } from '@agent-ci/core/errors'
import { canonicalJson, type Json } from '@agent-ci/core/json'
import type { ScorerDeps } from '../scorers/deps.ts'
import { requiredVariable } from '../scorers/variable.ts'
import { createEmbeddings, type Embeddings } from './embeddings.ts'
import type { EmbeddingModel } from './model.ts'
import { directoryCache, memoryCache } from './vector-cache.ts'

/** The embeddings of a run, by their settings: scorers that differ in the threshold alone have the same ones. */
export type SharedEmbeddings = Map<string, { readonly opened: Promise<Embeddings>; users: number }>

type Config = ScorerConfigOf<'similarity'>

/** The guide's. */
const LOCAL_MODEL = 'all-MiniLM-L6-v2'
const TIMEOUT_MS = 60_000

/**
 * What embeds texts for a scorer; `close` it when the scorer is closed.
 * @throws ConfigurationError for settings that do not go together, for a key that is not set, for a model that is not there
 */
export async function openEmbeddings(config: Config, name: string, deps: ScorerDeps): Promise<Embeddings> {
  const shared: SharedEmbeddings = deps.embeddings ?? new Map()
  const { url, model, api_key_env, input_type, cache } = config
  const key = canonicalJson({ url, model, api_key_env, input_type, cache } as Json)
  const known = shared.get(key) ?? { opened: open(config, name, deps), users: 0 }
  shared.set(key, known)
  known.users++
  try {
    const embeddings = await known.opened
    return {
      embed: embeddings.embed,
      close() {
        known.users--
        if (known.users > 0) return
        shared.delete(key)
        embeddings.close()
      },
    }
  } catch (error) {
    shared.delete(key)
    throw error
  }
}

async function open(config: Config, name: string, deps: ScorerDeps): Promise<Embeddings> {
  const model = await modelOf(config, name, deps)
  try {
    const cache =
      config.cache === undefined ? memoryCache() : directoryCache(resolve(deps.cwd, config.cache), model.identity)
    return createEmbeddings(model, cache)
  } catch (error) {
    model.close()
    throw error
  }
}

async function modelOf(config: Config, name: string, deps: ScorerDeps): Promise<EmbeddingModel> {
  if (config.url !== undefined) {
    const { endpointModel } = await import('./endpoint.ts')
    const key = config.api_key_env === undefined ? undefined : requiredVariable(config.api_key_env, name, deps)
    return endpointModel(
      { url: addressOf(config.url, name), model: config.model, key, inputType: config.input_type },
      deps,
      TIMEOUT_MS,
    )
  }
  const stray = (['api_key_env', 'input_type'] as const).find((setting) => config[setting] !== undefined)
  if (stray !== undefined) {
    throw new ConfigurationError({
      what: `The scorer "${name}" has ${stray} and no url`,
      why: 'It is a setting of an embeddings endpoint; without a url the model runs on this machine',
      mend: `Write the url of the endpoint, such as https://api.voyageai.com/v1/embeddings, or take ${stray} away`,
    })
  }
  const { localModel } = await import('./local-model.ts')
  return await localModel(config.model ?? LOCAL_MODEL, deps.cwd, deps.env)
}

function addressOf(text: string, name: string): URL {
  const url = new URL(text)
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  throw new ConfigurationError({
    what: `The scorer "${name}" has the url ${text}`,
    why: 'Expected an address that begins with http:// or https://',
    mend: 'Write for example https://api.openai.com/v1/embeddings',
  })
}
