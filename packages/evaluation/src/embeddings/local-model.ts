import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ConfigurationError } from '@agent-ci/core/errors'
import { canonicalJson, digestOf } from '@agent-ci/core/json'
import { Tokenizer } from '@huggingface/tokenizers'
import type { EmbeddingModel } from './model.ts'
import { findModel } from './model-files.ts'
import { findRuntime, startOnnx } from './onnx-process.ts'

/** Padding costs as much as text: few texts at a time, since their lengths differ. */
const BATCH = { texts: 16, characters: 20_000 }
const TIMEOUT_MS = 120_000

/**
 * A sentence encoder that runs on this machine; gives what sentence-transformers gives for the same model.
 * @param model a directory, or a name in the Hugging Face hub's cache
 * @throws ConfigurationError for a model that is not there or can't be run
 */
export async function localModel(
  model: string,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<EmbeddingModel> {
  const files = findModel(model, cwd, env)
  const runtime = findRuntime(cwd)
  const tokenizer = new Tokenizer(files.tokenizer, files.tokenizerConfig)
  const ends = tokenizer.encode('').ids.length
  if (ends !== 2) {
    throw new ConfigurationError({
      what: `The tokenizer of the embedding model ${JSON.stringify(model)} marks a text with ${ends} tokens`,
      why: 'Expected one before it and one after it, as BERT has them',
      mend: 'Write a model such as all-MiniLM-L6-v2, or serve this one behind a url',
    })
  }
  const weights = createHash('sha256')
  await pipeline(createReadStream(files.onnx), weights)
  const process = await startOnnx(runtime, files.onnx, env, TIMEOUT_MS)
  const tokensOf = (text: string): readonly number[] => {
    // sentence-transformers strips what it is given.
    const { ids } = tokenizer.encode(text.trim())
    return ids.length <= files.maxTokens ? ids : [...ids.slice(0, files.maxTokens - 1), ids.at(-1)!]
  }
  return {
    identity: canonicalJson([
      'onnx',
      weights.digest('hex'),
      digestOf(JSON.stringify([files.tokenizer, files.tokenizerConfig])),
      files.maxTokens,
    ]),
    batch: BATCH,
    parallel: 1,
    embed: async (texts, signal) => ({ vectors: await process.embed(texts.map(tokensOf), signal), usage: {} }),
    close: process.close,
  }
}
