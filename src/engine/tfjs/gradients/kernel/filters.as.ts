// @ts-nocheck: AssemblyScript, a part of gradients.as.ts: what convolutions' filters are changed by.

/** Output pixels a tile of the filter gradient stays in registers for: their rows fit the first-level cache. */
const PIXELS: i32 = 64;

/**
 * dw[kh, kw, i, o] += Σ x[n, oh·sh + kh·dh − top, ow·sw + kw·dw − left, i] · dy[n, oh, ow, o]
 *
 * For each tap this is the product of x, transposed, with dy: 4 × 8 sums stay in registers over a block of rows. Pixels are
 * xStride and yStride floats apart, rows of dw wStride, so that groups are slices of channels. dw must hold zeros, or what
 * is to be added to.
 */
export function convFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  height: i32,
  width: i32,
  depth: i32,
  xStride: i32,
  outHeight: i32,
  outWidth: i32,
  filters: i32,
  yStride: i32,
  wStride: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  sh: i32,
  sw: i32,
  dh: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const xStep = (<usize>(sw * xStride)) << 2;
  const yStep = (<usize>yStride) << 2;
  const rowsAtOnce = max(1, PIXELS / outWidth);
  const tapSize = (<usize>(depth * wStride)) << 2;
  for (let n: i32 = 0; n < batch; n++)
    for (let from: i32 = 0; from < outHeight; from += rowsAtOnce) {
      const to = min(outHeight, from + rowsAtOnce);
      let tap = dw;
      for (let kh: i32 = 0; kh < kernelHeight; kh++)
        for (let kw: i32 = 0; kw < kernelWidth; kw++, tap += tapSize) {
          // Output rows and columns whose pixel under this tap is not padding.
          const rowShift = kh * dh - top;
          const columnShift = kw * dilationWidth - left;
          const firstRow = max(from, ceilDiv(-rowShift, sh));
          const lastRow = min(to, floorDiv(height - 1 - rowShift, sh) + 1);
          const first = max(0, ceilDiv(-columnShift, sw));
          const last = min(outWidth, floorDiv(width - 1 - columnShift, sw) + 1);
          const rows = lastRow - firstRow;
          const columns = last - first;
          if (rows <= 0 || columns <= 0) continue;
          const x0 =
            x +
            ((<usize>(((n * height + firstRow * sh + rowShift) * width + first * sw + columnShift) * xStride)) << 2);
          const y0 = dy + ((<usize>(((n * outHeight + firstRow) * outWidth + first) * yStride)) << 2);
          const xRow = (<usize>(sh * width * xStride)) << 2;
          const yRow = (<usize>(outWidth * yStride)) << 2;
          let i: i32 = 0;
          for (; i + 4 <= depth; i += 4) {
            const xs = x0 + ((<usize>i) << 2);
            let o: i32 = 0;
            for (; o + 8 <= filters; o += 8)
              tile4x8(
                xs,
                y0 + ((<usize>o) << 2),
                tap + ((<usize>(i * wStride + o)) << 2),
                wStride,
                rows,
                columns,
                xRow,
                yRow,
                xStep,
                yStep,
              );
            for (; o + 4 <= filters; o += 4)
              tile4x4(
                xs,
                y0 + ((<usize>o) << 2),
                tap + ((<usize>(i * wStride + o)) << 2),
                wStride,
                rows,
                columns,
                xRow,
                yRow,
                xStep,
                yStep,
              );
            for (; o < filters; o++)
              for (let k: i32 = 0; k < 4; k++)
                tile1x1(
                  xs + ((<usize>k) << 2),
                  y0 + ((<usize>o) << 2),
                  tap + ((<usize>((i + k) * wStride + o)) << 2),
                  rows,
                  columns,
                  xRow,
                  yRow,
                  xStep,
                  yStep,
                );
          }
          for (; i < depth; i++) {
            const xs = x0 + ((<usize>i) << 2);
            let o: i32 = 0;
            for (; o + 8 <= filters; o += 8)
              tile1x8(
                xs,
                y0 + ((<usize>o) << 2),
                tap + ((<usize>(i * wStride + o)) << 2),
                rows,
                columns,
                xRow,
                yRow,
                xStep,
                yStep,
              );
            for (; o < filters; o++)
              tile1x1(
                xs,
                y0 + ((<usize>o) << 2),
                tap + ((<usize>(i * wStride + o)) << 2),
                rows,
                columns,
                xRow,
                yRow,
                xStep,
                yStep,
              );
          }
        }
    }
}

function floorDiv(a: i32, b: i32): i32 {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

function ceilDiv(a: i32, b: i32): i32 {
  return -floorDiv(-a, b);
}

function tile4x8(
  x: usize,
  y: usize,
  w: usize,
  wStride: i32,
  rows: i32,
  columns: i32,
  xRow: usize,
  yRow: usize,
  xStep: usize,
  yStep: usize,
): void {
  const next = (<usize>wStride) << 2;
  const w1 = w + next;
  const w2 = w1 + next;
  const w3 = w2 + next;
  let a0 = v128.load(w),
    b0 = v128.load(w, 16);
  let a1 = v128.load(w1),
    b1 = v128.load(w1, 16);
  let a2 = v128.load(w2),
    b2 = v128.load(w2, 16);
  let a3 = v128.load(w3),
    b3 = v128.load(w3, 16);
  for (let r: i32 = 0; r < rows; r++, x += xRow, y += yRow) {
    let xAt = x;
    let yAt = y;
    for (let c: i32 = 0; c < columns; c++, xAt += xStep, yAt += yStep) {
      const ya = v128.load(yAt);
      const yb = v128.load(yAt, 16);
      const x0 = v128.load_splat<f32>(xAt);
      a0 = f32x4.add(a0, f32x4.mul(x0, ya));
      b0 = f32x4.add(b0, f32x4.mul(x0, yb));
      const x1 = v128.load_splat<f32>(xAt, 4);
      a1 = f32x4.add(a1, f32x4.mul(x1, ya));
      b1 = f32x4.add(b1, f32x4.mul(x1, yb));
      const x2 = v128.load_splat<f32>(xAt, 8);
      a2 = f32x4.add(a2, f32x4.mul(x2, ya));
      b2 = f32x4.add(b2, f32x4.mul(x2, yb));
      const x3 = v128.load_splat<f32>(xAt, 12);
      a3 = f32x4.add(a3, f32x4.mul(x3, ya));
      b3 = f32x4.add(b3, f32x4.mul(x3, yb));
    }
  }
  v128.store(w, a0);
  v128.store(w, b0, 16);
  v128.store(w1, a1);
  v128.store(w1, b1, 16);
  v128.store(w2, a2);
  v128.store(w2, b2, 16);
  v128.store(w3, a3);
  v128.store(w3, b3, 16);
}

function tile4x4(
  x: usize,
  y: usize,
  w: usize,
  wStride: i32,
  rows: i32,
  columns: i32,
  xRow: usize,
  yRow: usize,
  xStep: usize,
  yStep: usize,
): void {
  const next = (<usize>wStride) << 2;
  const w1 = w + next;
  const w2 = w1 + next;
  const w3 = w2 + next;
  let a0 = v128.load(w);
  let a1 = v128.load(w1);
  let a2 = v128.load(w2);
  let a3 = v128.load(w3);
  for (let r: i32 = 0; r < rows; r++, x += xRow, y += yRow) {
    let xAt = x;
    let yAt = y;
    for (let c: i32 = 0; c < columns; c++, xAt += xStep, yAt += yStep) {
      const ya = v128.load(yAt);
      a0 = f32x4.add(a0, f32x4.mul(v128.load_splat<f32>(xAt), ya));
      a1 = f32x4.add(a1, f32x4.mul(v128.load_splat<f32>(xAt, 4), ya));
      a2 = f32x4.add(a2, f32x4.mul(v128.load_splat<f32>(xAt, 8), ya));
      a3 = f32x4.add(a3, f32x4.mul(v128.load_splat<f32>(xAt, 12), ya));
    }
  }
  v128.store(w, a0);
  v128.store(w1, a1);
  v128.store(w2, a2);
  v128.store(w3, a3);
}

/** Two pixels at a time: one pixel's two sums would wait for each other. */
function tile1x8(
  x: usize,
  y: usize,
  w: usize,
  rows: i32,
  columns: i32,
  xRow: usize,
  yRow: usize,
  xStep: usize,
  yStep: usize,
): void {
  let a = v128.load(w),
    b = v128.load(w, 16);
  let a1 = v128.splat<f32>(0),
    b1 = a1;
  for (let r: i32 = 0; r < rows; r++, x += xRow, y += yRow) {
    let xAt = x;
    let yAt = y;
    let c: i32 = 0;
    for (; c + 2 <= columns; c += 2) {
      const x0 = v128.load_splat<f32>(xAt);
      a = f32x4.add(a, f32x4.mul(x0, v128.load(yAt)));
      b = f32x4.add(b, f32x4.mul(x0, v128.load(yAt, 16)));
      xAt += xStep;
      yAt += yStep;
      const x1 = v128.load_splat<f32>(xAt);
      a1 = f32x4.add(a1, f32x4.mul(x1, v128.load(yAt)));
      b1 = f32x4.add(b1, f32x4.mul(x1, v128.load(yAt, 16)));
      xAt += xStep;
      yAt += yStep;
    }
    if (c < columns) {
      const x0 = v128.load_splat<f32>(xAt);
      a = f32x4.add(a, f32x4.mul(x0, v128.load(yAt)));
      b = f32x4.add(b, f32x4.mul(x0, v128.load(yAt, 16)));
    }
  }
  v128.store(w, f32x4.add(a, a1));
  v128.store(w, f32x4.add(b, b1), 16);
}

function tile1x1(
  x: usize,
  y: usize,
  w: usize,
  rows: i32,
  columns: i32,
  xRow: usize,
  yRow: usize,
  xStep: usize,
  yStep: usize,
): void {
  let sum = load<f32>(w);
  for (let r: i32 = 0; r < rows; r++, x += xRow, y += yRow) {
    let xAt = x;
    let yAt = y;
    for (let c: i32 = 0; c < columns; c++, xAt += xStep, yAt += yStep) sum += load<f32>(xAt) * load<f32>(yAt);
  }
  store<f32>(w, sum);
}

/** dw[kh, kw, c] += Σ x[n, oh·sh + kh·dh − top, ow·sw + kw·dw − left, c] · dy[n, oh, ow, c] */
export function depthwiseFilterGradient(
  x: usize,
  dy: usize,
  dw: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  sh: i32,
  sw: i32,
  dh: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixel = (<usize>channels) << 2;
  const xStep = <usize>sw * pixel;
  const rowsAtOnce = max(1, PIXELS / outWidth);
  for (let n: i32 = 0; n < batch; n++)
    for (let from: i32 = 0; from < outHeight; from += rowsAtOnce) {
      const to = min(outHeight, from + rowsAtOnce);
      let tap = dw;
      for (let kh: i32 = 0; kh < kernelHeight; kh++)
        for (let kw: i32 = 0; kw < kernelWidth; kw++, tap += pixel) {
          const rowShift = kh * dh - top;
          const columnShift = kw * dilationWidth - left;
          const firstRow = max(from, ceilDiv(-rowShift, sh));
          const lastRow = min(to, floorDiv(height - 1 - rowShift, sh) + 1);
          const first = max(0, ceilDiv(-columnShift, sw));
          const last = min(outWidth, floorDiv(width - 1 - columnShift, sw) + 1);
          const columns = last - first;
          if (lastRow <= firstRow || columns <= 0) continue;
          const x0 = x + <usize>((n * height + firstRow * sh + rowShift) * width + first * sw + columnShift) * pixel;
          const y0 = dy + <usize>((n * outHeight + firstRow) * outWidth + first) * pixel;
          const xRow = <usize>(sh * width) * pixel;
          const yRow = <usize>outWidth * pixel;
          let c: i32 = 0;
          for (; c + 8 <= channels; c += 8) {
            const at = (<usize>c) << 2;
            let a = v128.load(tap + at),
              b = v128.load(tap + at, 16);
            let xr = x0 + at,
              yr = y0 + at;
            for (let r = firstRow; r < lastRow; r++, xr += xRow, yr += yRow) {
              let xAt = xr,
                yAt = yr;
              for (let k: i32 = 0; k < columns; k++, xAt += xStep, yAt += pixel) {
                a = f32x4.add(a, f32x4.mul(v128.load(xAt), v128.load(yAt)));
                b = f32x4.add(b, f32x4.mul(v128.load(xAt, 16), v128.load(yAt, 16)));
              }
            }
            v128.store(tap + at, a);
            v128.store(tap + at, b, 16);
          }
          for (; c < channels; c++) {
            const at = (<usize>c) << 2;
            tile1x1(x0 + at, y0 + at, tap + at, lastRow - firstRow, columns, xRow, yRow, xStep, pixel);
          }
        }
    }
}
