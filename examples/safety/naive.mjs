// No defence: the document is pasted into the conversation, and every call is made.
import { serve } from './loop.mjs'

await serve({
  system: 'You are a desk assistant. Answer the question.',
  present: (document) => document,
  refuses: () => undefined,
})
