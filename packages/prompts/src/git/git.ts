/** 40 or 64 hex digits. */
export type ObjectId = string

/** A file in a commit; `mode` is git's: 100644, 100755, 120000 (symbolic link), 160000 (submodule). */
export interface TreeEntry {
  readonly path: string
  readonly mode: string
  readonly oid: ObjectId
}

export interface Rename {
  readonly from: TreeEntry
  readonly to: TreeEntry
}

/** What is needed of git. Nothing is checked out, and no hook, filter, text conversion or external diff of the repository runs. */
export interface Git {
  /** The working directory inside the repository: `apps/bot`, or an empty text at its root. */
  prefix(): Promise<string>
  /** The commit that a name stands for here, or undefined. */
  commit(name: string): Promise<ObjectId | undefined>
  isShallow(): Promise<boolean>
  /** How many commits are known behind one. */
  depth(commit: ObjectId): Promise<number>
  /**
   * The newest commit that both have behind them. `certain` is false while a shallow clone's missing history could hold a newer
   * one (or, where there is none, could hold one at all).
   */
  mergeBase(a: ObjectId, b: ObjectId): Promise<{ readonly commit: ObjectId | undefined; readonly certain: boolean }>
  /** Fetches commits (or full ref names) with their history, up to `depth` commits of it where given. */
  fetch(remote: string, wanted: readonly string[], depth?: number | 'all'): Promise<void>
  /** The files of a commit whose path is wanted. A path that is not UTF-8 has replacement characters in it. */
  files(commit: ObjectId, wanted: (path: string) => boolean): Promise<TreeEntry[]>
  /** One path of a commit: a file, a link, or a folder (mode 040000). */
  entry(commit: ObjectId, path: string): Promise<TreeEntry | undefined>
  /** Files that git finds to be the same under another name; both commits' other files are left out. */
  renames(from: ObjectId, to: ObjectId): Promise<Rename[]>
  /** Sizes in bytes; what is missing is left out. */
  sizes(oids: readonly ObjectId[]): Promise<Map<ObjectId, number>>
  blobs(oids: readonly ObjectId[]): Promise<Map<ObjectId, Buffer>>
}

/** `1234567`, for people. */
export const shortId = (oid: ObjectId): string => oid.slice(0, 7)
