/** FNV-1a over UTF-16 units, mixed as in MurmurHash3's finalizer: its low bits choose the slot. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Which ids are taken, at 16 bytes an id: hashes only (open addressing); equal hashes are told apart by reading the ids themselves. */
export class IdIndex {
  private readonly idAt: (position: number) => string
  private hashes = new Uint32Array(1024)
  /** Position + 1; 0 is a free slot. */
  private positions = new Uint32Array(1024)
  private size = 0

  constructor(idAt: (position: number) => string) {
    this.idAt = idAt
  }

  /** The position that has this id already; otherwise gives it to `position`. */
  claim(id: string, position: number): number | undefined {
    const hash = hashOf(id)
    let slot = this.slotOf(hash)
    for (; this.positions[slot] !== 0; slot = (slot + 1) % this.positions.length) {
      const taken = this.positions[slot]! - 1
      if (this.hashes[slot] === hash && this.idAt(taken) === id) return taken
    }
    this.put(slot, hash, position + 1)
    this.size++
    if (this.size * 2 > this.positions.length) this.grow()
    return undefined
  }

  private slotOf(hash: number): number {
    return hash % this.positions.length
  }

  private put(slot: number, hash: number, entry: number): void {
    this.hashes[slot] = hash
    this.positions[slot] = entry
  }

  private grow(): void {
    const { hashes, positions } = this
    this.hashes = new Uint32Array(hashes.length * 2)
    this.positions = new Uint32Array(positions.length * 2)
    for (let i = 0; i < positions.length; i++) {
      if (positions[i] === 0) continue
      let slot = this.slotOf(hashes[i]!)
      while (this.positions[slot] !== 0) slot = (slot + 1) % this.positions.length
      this.put(slot, hashes[i]!, positions[i]!)
    }
  }
}
