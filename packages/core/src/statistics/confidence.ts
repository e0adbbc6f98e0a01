/** Whether a tail is small enough for a confidence of one side; a tail of just 1 - confidence is, whichever way it was rounded. */
export const isSure = (tail: number, confidence: number): boolean => tail <= (1 - confidence) * (1 + 1e-9)
