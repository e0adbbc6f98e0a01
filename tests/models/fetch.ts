// Fetches the model and the runtime that tests/integration/embeddings and tests/contract/similarity.test.ts use: `node tests/models/fetch.ts`.
import { fetchModel, NoModelError } from './model.ts'

try {
  fetchModel(process.env, (line) => console.log(line))
} catch (error) {
  if (!(error instanceof NoModelError)) throw error
  console.error(`EMBEDDING MODEL SKIPPED: ${error.message}`)
  process.exitCode = process.env.CI ? 1 : 0
}
