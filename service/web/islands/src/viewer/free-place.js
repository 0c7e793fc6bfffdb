/* Where a badge at an element covers least of what is drawn. Pure but for the elements it reads. */
const SHAPE = 4; // to cover a shape or a word is worse than to cover a line

/** Corners first, then clear above and below; relative to the element. */
const CANDIDATES = [
  (box, size) => ({ left: -14, top: -12 }),
  (box, size) => ({ left: box.width + 14 - size.width, top: -12 }),
  (box, size) => ({ left: -14, top: -size.height - 4 }),
  (box, size) => ({ left: (box.width - size.width) / 2, top: box.height + 4 }),
  (box, size) => ({ left: (box.width - size.width) / 2, top: -size.height - 22 }),
  (box, size) => ({ left: (box.width - size.width) / 2, top: box.height + 22 })
];

const side = (a, aLength, b, bLength) => Math.max(0, Math.min(a + aLength, b + bLength) - Math.max(a, b));
const overlap = (a, b) => side(a.x, a.width, b.x, b.width) * side(a.y, a.height, b.y, b.height);

const piece = (from, to) => ({
  x: Math.min(from.x, to.x) - 2,
  y: Math.min(from.y, to.y) - 2,
  width: Math.abs(from.x - to.x) + 4,
  height: Math.abs(from.y - to.y) + 4,
  weight: 1
});

/** Bounds of everything that a badge should not cover: shapes without children, labels, each piece of a line. */
export function obstacles(elements) {
  return elements.flatMap(element => {
    if (element.waypoints) return element.waypoints.slice(1).map((to, at) => piece(element.waypoints[at], to));
    if (!element.width || element.children?.some(child => !child.waypoints) || element.hidden) return [];
    return [
      { x: element.x, y: element.y, width: element.width, height: element.height, owner: element.id, weight: SHAPE }
    ];
  });
}

/** {left, top} for a badge of `size`; the place is taken from then on. */
export default function freePlace(element, size, taken) {
  const costOf = box =>
    taken.reduce((sum, other) => sum + (other.owner === element.id ? 0 : other.weight * overlap(box, other)), 0);
  const places = CANDIDATES.map(candidate => candidate(element, size)).map((place, order) => ({
    place,
    box: { x: element.x + place.left, y: element.y + place.top, ...size },
    order
  }));
  const best = places
    .map(one => ({ ...one, cost: costOf(one.box) + one.order }))
    .reduce((a, b) => (b.cost < a.cost ? b : a));
  taken.push({ ...best.box, weight: SHAPE });
  return best.place;
}
