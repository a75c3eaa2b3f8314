import { createCanvas, type Canvas } from '@napi-rs/canvas';

/** In pixels from the upper left corner. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha. */
  readonly data: Uint8ClampedArray;
}

export function whiteCanvas(width: number, height: number): Canvas {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  return canvas;
}

export function rasterOf(canvas: Canvas): Raster {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  return { width, height, data };
}

/** The picture as a portable greymap, which the recognition takes without further decoding. */
export function greymap({ width, height, data }: Raster): Uint8Array {
  const head = Buffer.from(`P5\n${width} ${height}\n255\n`);
  const image = new Uint8Array(head.length + width * height);
  image.set(head);
  for (let pixel = 0, at = head.length; pixel < data.length; pixel += 4, at += 1) {
    const [red = 0, green = 0, blue = 0] = [data[pixel], data[pixel + 1], data[pixel + 2]];
    image[at] = (red * 299 + green * 587 + blue * 114) / 1000;
  }
  return image;
}

/** By how much two pictures differ within a box. */
export interface Difference {
  /** The largest difference of a channel, 0 to 255. */
  readonly most: number;
  /** The share of pixels that differ visibly. */
  readonly share: number;
}

/** Less is not seen: about the same as a contrast of 1.15 to 1. */
const VISIBLE = 14;

export function differenceIn(one: Raster, other: Raster, box: PixelBox): Difference {
  const [left, top] = [Math.max(0, Math.floor(box.left)), Math.max(0, Math.floor(box.top))];
  const right = Math.min(one.width, Math.ceil(box.right));
  const bottom = Math.min(one.height, Math.ceil(box.bottom));
  let most = 0;
  let differing = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let pixel = 4 * (y * one.width + left), end = 4 * (y * one.width + right); pixel < end; pixel += 4) {
      const difference = channelDifference(one.data, other.data, pixel);
      if (difference > most) most = difference;
      if (difference >= VISIBLE) differing += 1;
    }
  }
  const area = (right - left) * (bottom - top);
  return { most, share: area > 0 ? differing / area : 0 };
}

function channelDifference(one: Uint8ClampedArray, other: Uint8ClampedArray, pixel: number): number {
  let most = 0;
  for (let channel = pixel; channel < pixel + 3; channel += 1) {
    const difference = Math.abs((one[channel] ?? 0) - (other[channel] ?? 0));
    if (difference > most) most = difference;
  }
  return most;
}
