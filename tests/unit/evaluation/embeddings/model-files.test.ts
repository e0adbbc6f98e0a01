import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findModel } from '@agent-ci/evaluation/embeddings/model-files'
import { findRuntime, startOnnx } from '@agent-ci/evaluation/embeddings/onnx-process'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'agent-ci-model-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

function write(files: Record<string, unknown>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, file)), { recursive: true })
    writeFileSync(join(cwd, file), typeof content === 'string' ? content : JSON.stringify(content))
  }
}
const MODEL = { 'model/onnx/model.onnx': 'weights', 'model/tokenizer.json': { model: {} } }
const HUB = 'hf/hub/models--sentence-transformers--all-MiniLM-L6-v2'

describe('a model', () => {
  test('in a directory', () => {
    write({ ...MODEL, 'model/sentence_bert_config.json': { max_seq_length: 256 } })
    expect(findModel('./model', cwd, {})).toEqual({
      directory: join(cwd, 'model'),
      onnx: join(cwd, 'model', 'onnx', 'model.onnx'),
      tokenizer: { model: {} },
      tokenizerConfig: {},
      maxTokens: 256,
    })
  })

  test('in a directory whose path looks like a name on the hub, with the ONNX beside the tokenizer', () => {
    write({ 'models/mini/model.onnx': 'weights', 'models/mini/tokenizer.json': {} })
    expect(findModel('models/mini', cwd, {}).onnx).toBe(join(cwd, 'models', 'mini', 'model.onnx'))
  })

  test.each([
    ['the snapshot that main names', { [`${HUB}/refs/main`]: 'new' }, 'new'],
    ['the only snapshot', {}, 'new'],
  ])('in the cache of the hub: %s', (_, refs, commit) => {
    write({
      ...refs,
      [`${HUB}/snapshots/${commit}/onnx/model.onnx`]: 'weights',
      [`${HUB}/snapshots/${commit}/tokenizer.json`]: {},
    })
    const { directory } = findModel('all-MiniLM-L6-v2', cwd, { HF_HOME: join(cwd, 'hf') })
    expect(directory).toBe(join(cwd, HUB, 'snapshots', commit))
  })

  test.each([
    ['what the model was made for', { 'model/config.json': { max_position_embeddings: 512 } }, 512],
    ['what its tokenizer says', { 'model/tokenizer_config.json': { model_max_length: 128 } }, 128],
    ['a tokenizer without a limit', { 'model/tokenizer_config.json': { model_max_length: 1e30 } }, 512],
  ])('reads as much of a text as sentence-transformers: %s', (_, files, maxTokens) => {
    write({ ...MODEL, ...files })
    expect(findModel('./model', cwd, {}).maxTokens).toBe(maxTokens)
  })

  test('that is nowhere is refused with the command that fetches it', () => {
    expect(() => findModel('all-MiniLM-L6-v2', cwd, { HF_HOME: join(cwd, 'hf') })).toThrow(
      /neither the directory .*all-MiniLM-L6-v2 nor .*models--sentence-transformers--all-MiniLM-L6-v2 .*`hf download sentence-transformers\/all-MiniLM-L6-v2 onnx\/model\.onnx tokenizer\.json/s,
    )
  })

  test('that sentence-transformers fetched for itself has no ONNX', () => {
    write({ [`${HUB}/snapshots/c/model.safetensors`]: 'weights', [`${HUB}/snapshots/c/tokenizer.json`]: {} })
    expect(() => findModel('all-MiniLM-L6-v2', cwd, { HF_HOME: join(cwd, 'hf') })).toThrow(
      /has no onnx\/model\.onnx.*`hf download sentence-transformers\/all-MiniLM-L6-v2 onnx\/model\.onnx/s,
    )
  })

  test.each([
    ['the first token', { 'model/1_Pooling/config.json': { pooling_mode_mean_tokens: false } }, 'the mean'],
    ['the first token, as version 6 says it', { 'model/1_Pooling/config.json': { pooling_mode: 'cls' } }, 'the mean'],
    ['a layer more', { 'model/modules.json': [{ type: 'sentence_transformers.models.Dense' }] }, 'models.Dense'],
  ])('that takes %s would give other numbers and is refused', (_, files, reason) => {
    write({ ...MODEL, ...files })
    expect(() => findModel('./model', cwd, {})).toThrow(reason)
  })

  test('whose tokenizer is a pointer of Git LFS is refused', () => {
    write({ ...MODEL, 'model/tokenizer.json': 'version https://git-lfs.github.com/spec/v1' })
    expect(() => findModel('./model', cwd, {})).toThrow(/tokenizer\.json is not JSON.*Git LFS/s)
  })
})

/** An onnxruntime of a workspace, whose sessions do as the given code says. */
const runtimeThat = (create: string) => ({
  'node_modules/onnxruntime-web/package.json': { main: 'ort.js' },
  'node_modules/onnxruntime-web/ort.js': `exports.InferenceSession = { async create() { ${create} } }
exports.Tensor = class { constructor(type, data) { this.length = data.length } }
const STATES = { last_hidden_state: { dims: [1, 1, 2], data: [3, 4] } }`,
})

describe('what runs it', () => {
  test('is what a program of the workspace would import', () => {
    write(runtimeThat(''))
    mkdirSync(join(cwd, 'evals'))
    expect(findRuntime(join(cwd, 'evals'))).toBe(join(cwd, 'node_modules', 'onnxruntime-web', 'ort.js'))
  })

  test('is what Transformers.js brought along', () => {
    const inner = 'node_modules/@huggingface/transformers'
    write({
      [`${inner}/package.json`]: { main: 'index.js' },
      [`${inner}/index.js`]: '',
      [`${inner}/node_modules/onnxruntime-web/package.json`]: { main: 'ort.js' },
      [`${inner}/node_modules/onnxruntime-web/ort.js`]: '',
    })
    expect(findRuntime(cwd)).toBe(join(cwd, inner, 'node_modules', 'onnxruntime-web', 'ort.js'))
  })

  test('is asked for with the command that installs it', () => {
    expect(() => findRuntime(cwd)).toThrow(/`npm install --no-save onnxruntime-web@1\.30\.0`/)
  })

  test.each([
    ['cannot read the model', 'throw new Error("bad protobuf")', 'bad protobuf'],
    ['ends', 'process.exit(3)', 'ended with 3'],
    ['says nothing', 'await new Promise(() => setInterval(() => {}, 1000))', 'it took more than 2000 ms'],
    ['has a model of another kind', 'return { inputNames: ["pixel_values"] }', 'pixel_values'],
  ])('and %s is refused before the run', async (_, create, reason) => {
    write(runtimeThat(create))
    await expect(startOnnx(findRuntime(cwd), 'model.onnx', process.env, 2_000)).rejects.toThrow(reason)
  })

  test('gets none of the secrets of the step', async () => {
    write(runtimeThat('throw new Error(JSON.stringify(Object.keys(process.env)))'))
    const env = { ...process.env, GITHUB_TOKEN: 'a', OPENAI_API_KEY: 'b', GITHUB_OUTPUT: 'c' }
    const started = startOnnx(findRuntime(cwd), 'model.onnx', env, 10_000)
    await expect(started).rejects.toThrow('AGENT_CI')
    await expect(started).rejects.not.toThrow(/GITHUB_|API_KEY/)
  })

  test('that ends in the middle fails what was asked for and everything after', async () => {
    write(
      runtimeThat(
        'return { inputNames: ["input_ids"], run: ({ input_ids }) => input_ids.length === 1 ? STATES : (console.error("out of memory"), process.exit(9)) }',
      ),
    )
    const model = await startOnnx(findRuntime(cwd), 'model.onnx', process.env, 10_000)
    const signal = new AbortController().signal
    await expect(model.embed([[101, 102]], signal)).rejects.toThrow('ended with 9: out of memory')
    await expect(model.embed([[101, 102]], signal)).rejects.toThrow('ended with 9')
    model.close()
  })
})
