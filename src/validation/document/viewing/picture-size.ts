export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The size that the head of a picture names; null where it names none. */
export function pictureSize(mediaType: string, bytes: Uint8Array): PictureSize | null {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (mediaType === 'image/png')
    return data.length < 24 ? null : size(data.readUInt32BE(16), data.readUInt32BE(20));
  if (mediaType === 'image/gif')
    return data.length < 10 ? null : size(data.readUInt16LE(6), data.readUInt16LE(8));
  if (mediaType === 'image/jpeg') return jpegSize(data);
  return mediaType === 'image/webp' ? webpSize(data) : null;
}

function size(width: number, height: number): PictureSize {
  return { width, height };
}

/** Start-of-frame markers (ITU-T T.81, table B.1), without the three of that range that are none. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function jpegSize(data: Buffer): PictureSize | null {
  for (let at = 2; at + 9 < data.length; ) {
    if (data[at] !== 0xff) return null;
    const marker = data[at + 1] ?? 0;
    if (isFrame(marker)) return size(data.readUInt16BE(at + 7), data.readUInt16BE(at + 5));
    // Fill bytes may stand before a marker; some markers have no segment.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + data.readUInt16BE(at + 2);
  }
  return null;
}

/** The three kinds of a WebP (RFC 9649): with features, lossless, lossy. */
function webpSize(data: Buffer): PictureSize | null {
  if (data.length < 30) return null;
  switch (data.toString('latin1', 12, 16)) {
    case 'VP8X':
      return size(data.readUIntLE(24, 3) + 1, data.readUIntLE(27, 3) + 1);
    case 'VP8L': {
      const bits = data.readUInt32LE(21);
      return size((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
    }
    case 'VP8 ':
      return size(data.readUInt16LE(26) & 0x3fff, data.readUInt16LE(28) & 0x3fff);
    default:
      return null;
  }
}
