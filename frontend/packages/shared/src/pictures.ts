/** Pictures of objects, served beside the apps; see frontend/pictures/emoji/README.md for their licence. */
const FOLDER = '/static/pictures/emoji/'
const CODE = /^[0-9a-f]{4,6}(?:-[0-9a-f]{4,6})*$/

/** What stands in for an item without a picture. */
export const GIFT = '1f381'

/** Address of a picture by its code, e.g. `1f375`; a gift when the code is empty or not one. */
export function pictureUrl(code: string | null | undefined): string {
  return `${FOLDER}${code && CODE.test(code) ? code : GIFT}.webp`
}

/** The code of an emoji's picture, for a merchant's logo given as the character itself. */
export function pictureCode(emoji: string): string {
  return Array.from(emoji)
    .map((character) => (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0'))
    .filter((code) => code !== 'fe0f')
    .join('-')
}
