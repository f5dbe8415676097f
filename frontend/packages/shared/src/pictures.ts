/** Pictures of objects, served beside the apps; see frontend/pictures/emoji/README.md for their licence. */
const FOLDER = '/static/pictures/emoji/'
const CODE = /^[0-9a-f]{4,6}(?:-[0-9a-f]{4,6})*$/

/** What stands in for an item without a picture. */
export const GIFT = '1f381'

const OWN = /^\/media\/[0-9a-f-]{36}\.webp$/

/** Whether an image is one the merchant uploaded, and not a code. */
export const isOwnPicture = (image: string | null | undefined): image is string => Boolean(image && OWN.test(image))

/** The merchant's own picture, small enough for a list. */
export const smallPicture = (address: string): string => `${address}?w=480`

/** Address of a picture by its code, e.g. `1f375`, or of one of the merchant's own; a gift when it is neither. */
export function pictureUrl(code: string | null | undefined): string {
  if (isOwnPicture(code)) return smallPicture(code)
  return `${FOLDER}${code && CODE.test(code) ? code : GIFT}.webp`
}

/** The code of an emoji's picture, for a merchant's logo given as the character itself. */
export function pictureCode(emoji: string): string {
  return Array.from(emoji)
    .map((character) => (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0'))
    .filter((code) => code !== 'fe0f')
    .join('-')
}
