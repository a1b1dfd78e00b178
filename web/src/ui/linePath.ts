/** The `d` of an SVG path through points; the pen is lifted at null, and goes on over undefined. */
export function linePath(
  x: number[],
  y: (number | null | undefined)[],
  toX: (value: number) => number,
  toY: (value: number) => number,
): string {
  let isDown = false;
  let text = "";
  x.forEach((at, i) => {
    const value = y[i];
    if (value === undefined) return;
    if (value === null) return void (isDown = false);
    text += `${isDown ? "L" : "M"}${toX(at).toFixed(1)} ${toY(value).toFixed(1)}`;
    isDown = true;
  });
  return text;
}
