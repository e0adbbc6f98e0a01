import { existsSync, readdirSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import picomatch from 'picomatch'

const forward = (path: string): string => path.replaceAll(sep, '/')

/** The files that a path or a glob names, sorted; a path without wildcards only where it exists. */
export function filesOf(pattern: string, directory: string): string[] {
  const whole = resolve(directory, pattern)
  if (existsSync(whole)) return [whole]
  if (!/[*?[{]/.test(pattern)) return []
  const { base } = picomatch.scan(forward(whole))
  if (!existsSync(base)) return []
  const matches = picomatch(forward(relative(base, whole)), { dot: false })
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => resolve(entry.parentPath, entry.name))
    .filter((path) => matches(forward(relative(base, path))))
    .sort()
}
