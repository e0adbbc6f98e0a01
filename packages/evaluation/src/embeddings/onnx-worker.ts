/** What is used of ONNX Runtime, whose WebAssembly and native builds have the same interface. */
interface Runtime {
  readonly env?: { readonly wasm?: { numThreads?: number } }
  readonly InferenceSession: { create(model: string, options: object): Promise<Session> }
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => object
}
interface Session {
  readonly inputNames: readonly string[]
  run(inputs: object): Promise<Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>>
}

/**
 * The program of a process that runs a sentence encoder: its arguments are an ONNX Runtime and a model. `{id, tokens: [[token ids of a
 * text], …]}` is answered by `{id, vectors: [little-endian float32s in base64, …]}` or `{id, failed}`; `{ready: true}` or `{failed}` comes
 * first. It is handed to the process as text, so it uses nothing from outside of itself.
 */
/* istanbul ignore next: the counters of coverage would be outside */
export async function onnxWorker(): Promise<void> {
  const [, runtime, model] = process.argv as [string, string, string]
  const answer = (message: object, then?: () => void) => process.send!(message, undefined, undefined, then)
  const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
  process.on('disconnect', () => process.exit())

  /** The mean of the vectors of a text's tokens, padding left out, brought to the length 1. */
  async function embed(ort: Runtime, session: Session, texts: readonly (readonly number[])[]): Promise<string[]> {
    const longest = Math.max(...texts.map((ids) => ids.length))
    const ids = new BigInt64Array(texts.length * longest)
    const mask = new BigInt64Array(ids.length)
    for (const [row, text] of texts.entries()) {
      for (const [column, token] of text.entries()) {
        ids[row * longest + column] = BigInt(token)
        mask[row * longest + column] = 1n
      }
    }
    const known: Record<string, BigInt64Array> = {
      input_ids: ids,
      attention_mask: mask,
      token_type_ids: new BigInt64Array(ids.length),
    }
    const inputs = session.inputNames.map((name) => {
      if (!known[name]) throw new Error(`the model wants ${name}, which no sentence encoder does`)
      return [name, new ort.Tensor('int64', known[name], [texts.length, longest])]
    })
    const results = Object.values(await session.run(Object.fromEntries(inputs)))
    const states = results.find(({ dims }) => dims.length === 3)
    if (!states) throw new Error('the model gives no vector for each token')
    const size = states.dims[2]!
    return texts.map((text, row) => {
      const mean = new Float64Array(size)
      for (let column = 0; column < text.length; column++) {
        const start = (row * longest + column) * size
        for (let i = 0; i < size; i++) mean[i]! += states.data[start + i]! / text.length
      }
      const length = Math.max(Math.hypot(...mean), 1e-12)
      return Buffer.from(Float32Array.from(mean, (value) => value / length).buffer).toString('base64')
    })
  }

  try {
    const ort = process.getBuiltinModule('node:module').createRequire(runtime)(runtime) as Runtime
    // One thread: the agent under test is being timed on the same machine, and sums keep their order.
    if (ort.env?.wasm) ort.env.wasm.numThreads = 1
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 })
    // A model that can't be used is told by its first text, before the run.
    await embed(ort, session, [[0]])
    process.on('message', ({ id, tokens }: { id: number; tokens: number[][] }) => {
      embed(ort, session, tokens).then(
        (vectors) => answer({ id, vectors }),
        (error) => answer({ id, failed: reasonOf(error) }),
      )
    })
    answer({ ready: true })
  } catch (error) {
    answer({ failed: reasonOf(error) }, () => process.exit(1))
  }
}
