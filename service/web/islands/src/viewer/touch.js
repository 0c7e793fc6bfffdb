/* Fingers: one moves the diagram, two zoom it. In the page only sideways, so that the page itself still scrolls. */
export default function touch(node, canvas, { free }) {
  const fingers = new Map();
  let distance = 0;

  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };

  node.addEventListener('pointerdown', event => {
    if (event.pointerType !== 'touch') return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) distance = spread();
  });

  node.addEventListener('pointermove', event => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const now = { x: event.clientX, y: event.clientY };
    fingers.set(event.pointerId, now);
    if (fingers.size === 1) canvas.scroll({ dx: now.x - last.x, dy: free() ? now.y - last.y : 0 });
    else if (fingers.size === 2 && distance) {
      const wider = spread();
      canvas.zoom(Math.min(4, Math.max(0.2, (canvas.zoom() * wider) / distance)), 'auto');
      distance = wider;
    }
  });

  for (const name of ['pointerup', 'pointercancel', 'pointerleave'])
    node.addEventListener(name, event => fingers.delete(event.pointerId));
}
