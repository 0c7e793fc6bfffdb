/* The state of a case on its diagram: colour by class, shape and word by badge, the post inside each task. */
import { el } from '../common/dom.js';
import freePlace, { obstacles } from './free-place.js';

const MARKS = { done: '✓', current: '●', overdue: '■', halted: '■' };
const WEIGHT = ['done', 'current', 'overdue', 'halted'];
const OVERLAY = 'case-state';
const NAME_LETTER = 12;
const LETTER_WIDTH = { wide: 12, narrow: 6.6 };

const widthOf = text =>
  10 +
  [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e80 ? LETTER_WIDTH.wide : LETTER_WIDTH.narrow), 0);

/** Elements of a called process count for their call activity (`within: {inner: activity}`); the graver state wins. */
export function onDiagram(state, has) {
  const result = {};
  for (const [id, one] of Object.entries(state.elements || {})) {
    const shown = has(id) ? id : state.within?.[id];
    if (!shown || !has(shown)) continue;
    const other = result[shown];
    if (!other || WEIGHT.indexOf(one.state) > WEIGHT.indexOf(other.state)) result[shown] = one;
  }
  return result;
}

export const focusOf = (state, has) => (has(state.focus) ? state.focus : state.within?.[state.focus]);

function badge(one, t) {
  const words = [
    MARKS[one.state],
    one.label || t(one.state),
    one.count > 1 ? `×${one.count}` : '',
    one.badge && `· ${one.badge}`
  ]
    .filter(Boolean)
    .join(' ');
  const short = one.state === 'done' && !one.label && !one.badge && !(one.count > 1);
  return el(
    'span',
    { class: `mj-badge ${one.state}${short ? ' short' : ''}`, title: words },
    short ? MARKS.done : words
  );
}

export default class CaseState {
  constructor(viewer, t) {
    Object.assign(this, {
      canvas: viewer.get('canvas'),
      overlays: viewer.get('overlays'),
      registry: viewer.get('elementRegistry'),
      t,
      marked: []
    });
  }

  draw(state) {
    this.marked.splice(0).forEach(([id, name]) => this.canvas.removeMarker(id, name));
    this.overlays.remove({ type: OVERLAY });
    const has = id => Boolean(id && this.registry.get(id));
    const elements = onDiagram(state, has);
    const taken = obstacles(this.registry.getAll());
    Object.entries(elements).forEach(([id, one]) => this.mark(id, one, taken));
    Object.entries(state.posts || {})
      .filter(([id, post]) => has(id) && post)
      .forEach(([id, post]) => this.post(this.registry.get(id), post));
    return focusOf(state, has);
  }

  mark(id, one, taken) {
    const element = this.registry.get(id);
    const name = `mj-${one.state}`;
    this.canvas.addMarker(id, name);
    this.marked.push([id, name]);
    if (element.waypoints || (element.width < 60 && !one.label && !one.badge && !(one.count > 1))) return;
    const html = badge(one, this.t);
    const position = freePlace(element, { width: Math.max(20, widthOf(html.textContent) + 6), height: 20 }, taken);
    this.overlays.add(id, OVERLAY, { position, html, scale: { min: one.state === 'done' ? 0.5 : 0.8 } });
  }

  /** Below the name, above the height at which boundary events sit on the lower edge. */
  post(element, post) {
    if (element.waypoints || element.width < 90 || element.height < 70) return;
    const lines = Math.ceil(([...(element.businessObject.name || '')].length * NAME_LETTER) / (element.width - 10));
    const top = element.height / 2 + 4 + 6 * Math.max(1, lines);
    const html = el('span', { class: 'mj-post', title: post }, post);
    this.overlays.add(element, OVERLAY, { position: { left: 3, top }, html });
    html.style.width = `${element.width - 6}px`;
  }
}
