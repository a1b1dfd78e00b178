/** The `d` of an SVG path through points; the pen is lifted where there is no value. */
export function linePath(
  x: (number | null)[],
  y: (number | null | undefined)[],
  toX: (value: number) => number,
  toY: (value: number) => number,
): string {
  let isDown = false;
  let text = "";
  x.forEach((at, i) => {
    const value = y[i];
    if (at === null || value === null || value === undefined) return void (isDown = false);
    text += `${isDown ? "L" : "M"}${toX(at).toFixed(1)} ${toY(value).toFixed(1)}`;
    isDown = true;
  });
  return text;
}
