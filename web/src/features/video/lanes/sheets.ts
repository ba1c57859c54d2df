import { address } from '@/api/client'
import type { ThumbsView } from '../data/evidence'

/** As many sheets as are kept: more than a view of hours needs, or they would be fetched in turns for ever. */
const MOST = 160

/** The sheets on which the kept pictures lie, fetched when one of them is drawn. */
export class Sheets {
  readonly times: Float64Array
  readonly #images = new Map<number, HTMLImageElement>()

  constructor(
    readonly analysisId: string,
    readonly about: ThumbsView,
    readonly arrived: () => void,
  ) {
    this.times = Float64Array.from(about.items, ({ time_s }) => time_s)
  }

  /** The sheet a picture lies on and its left upper corner there; null while it is on its way. */
  find(item: number): { readonly image: HTMLImageElement; readonly x: number; readonly y: number } | null {
    const { columns, per_sheet, tile_width, tile_height } = this.about
    const place = item % per_sheet
    const image = this.#sheet(Math.floor(item / per_sheet))
    if (!image.complete || image.naturalWidth === 0) return null
    return { image, x: (place % columns) * tile_width, y: Math.floor(place / columns) * tile_height }
  }

  #sheet(number: number): HTMLImageElement {
    const known = this.#images.get(number)
    if (known) {
      this.#images.delete(number)
      this.#images.set(number, known)
      return known
    }
    const image = new Image()
    image.decoding = 'async'
    image.onload = () => this.arrived()
    image.src = address(`/analyses/${this.analysisId}/thumbs/${number}`)
    this.#images.set(number, image)
    const oldest = this.#images.keys().next().value
    if (this.#images.size > MOST && oldest !== undefined) this.#images.delete(oldest)
    return image
  }
}
