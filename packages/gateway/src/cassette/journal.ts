import { closeSync, fstatSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { journalName, pathIn } from './files.ts'
import { encodeLine } from './lines.ts'
import type { Recording } from './recording.ts'
import type { Location } from './recording-index.ts'

interface OpenJournal {
  readonly path: string
  readonly file: number
  readonly inode: number
  size: number
}

/**
 * Appends recordings to a journal of its own, one write each. No two processes share a file, so a kill can only tear the last line
 * of a file that nobody writes to any more. `write(2)` has put the line into the kernel's hands before it returns: a killed process
 * loses nothing that it has appended.
 */
export class JournalWriter {
  private journal: OpenJournal | undefined
  private readonly directory: string
  private readonly newName: () => string

  /** @param newName makes a name that no other process makes; called again when it is taken. */
  constructor(directory: string, newName: () => string) {
    this.directory = directory
    this.newName = newName
  }

  append(recording: Recording): Location {
    const line = encodeLine(recording)
    for (;;) {
      this.journal ??= this.begin()
      const { path, file, size } = this.journal
      try {
        const written = writeSync(file, line)
        if (written !== line.length) throw new Error(`wrote ${written} of ${line.length} bytes to ${path}`)
      } catch (error) {
        // What follows a torn line goes to a new file.
        this.close()
        throw error
      }
      this.journal.size += line.length
      if (this.isMine(this.journal)) return { file: path, offset: size, length: line.length - 1 }
      // `pack` has renamed the journal and may have read it before this line came: write it again, elsewhere.
      this.close()
    }
  }

  private begin(): OpenJournal {
    mkdirSync(this.directory, { recursive: true })
    for (;;) {
      const path = pathIn(this.directory, journalName(this.newName()))
      try {
        const file = openSync(path, 'ax')
        return { path, file, inode: fstatSync(file).ino, size: 0 }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
  }

  private isMine({ path, inode }: OpenJournal): boolean {
    return statSync(path, { throwIfNoEntry: false })?.ino === inode
  }

  close(): void {
    if (this.journal) closeSync(this.journal.file)
    this.journal = undefined
  }
}
