const GROUNDS = 5

/** Which of the soft grounds a picture stands on: always the same one for the same picture. */
export function groundOf(image: string): number {
  const sum = Array.from(image || 'gift', (character) => character.charCodeAt(0)).reduce((total, code) => total * 31 + code, 7)
  return Math.abs(sum) % GROUNDS
}
