/** How many trials were asked for, and how many of them were measured and not lost to the infrastructure. */
export class Coverage {
  asked = 0
  measured = 0

  count(measured: boolean): void {
    this.asked++
    if (measured) this.measured++
  }

  reaches(least: number): boolean {
    return isCovered(this.measured, this.asked, least)
  }
}

/** Whether the measured of some trials are at least a share `least` of them; 0.8·5 counts as the whole number that it is. */
export const isCovered = (measured: number, asked: number, least: number): boolean => measured >= least * asked - 1e-9
