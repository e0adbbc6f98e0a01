import { link, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Folders of this prefix are what an interrupted write left behind. */
export const UNFINISHED = '.new-'

/** Writes a text to disk in a folder of its own beside the target, and lets `place` give it its name. */
async function writeBeside<T>(folder: string, text: string, place: (written: string) => Promise<T>): Promise<T> {
  const own = await mkdtemp(join(folder, UNFINISHED))
  try {
    const written = join(own, 'file')
    const file = await open(written, 'wx')
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    return await place(written)
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}

/** Writes a whole new file; false when the name is taken. A hard link never replaces a file, unlike a rename: not even when two processes try. */
export const writeNew = (folder: string, name: string, text: string): Promise<boolean> =>
  writeBeside(folder, text, async (written) => {
    try {
      await link(written, join(folder, name))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  })

/** Puts a whole file in the place of another: a reader sees the one or the other. */
export const replaceFile = (folder: string, name: string, text: string): Promise<void> =>
  writeBeside(folder, text, (written) => rename(written, join(folder, name)))
