import { setMaxListeners } from 'node:events'

/** Calls a listener when a signal is aborted; returns what takes the listener away. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  // A run's signal has a listener for each trial in flight, and Node 20 takes the eleventh for a leak.
  setMaxListeners(0, signal)
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}
