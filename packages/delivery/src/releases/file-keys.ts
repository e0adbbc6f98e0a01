import { createHash } from 'node:crypto'

const LONGEST_KEY = 253

/**
 * A repository path as a key of a ConfigMap, which may hold letters, digits, `-`, `_` and `.`: `/` becomes `__`, and every other byte `_`
 * and two hex digits (a dot only at the start, where Kubernetes refuses two). No two paths have the same key: a path that is too long
 * ends in `_-` and a hash, which no other has.
 */
export function keyOfPath(path: string): string {
  let key = ''
  for (const byte of new TextEncoder().encode(path)) {
    const char = String.fromCharCode(byte)
    if (char === '/') key += '__'
    else if (/[-A-Za-z0-9]/.test(char) || (char === '.' && key !== '')) key += char
    else key += `_${byte.toString(16).padStart(2, '0')}`
  }
  if (key.length <= LONGEST_KEY) return key
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 32)
  return `${key.slice(0, LONGEST_KEY - hash.length - 2)}_-${hash}`
}
