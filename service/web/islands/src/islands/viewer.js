/* The live diagram of a case: where it stands, who acts, what is late. To look at and move about, not to change. */
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { headers } from '../common/api.js';
import { openDialog } from '../common/dialog.js';
import { announce, el, icon, inlineJson, mountAll } from '../common/dom.js';
import { speaking } from '../common/lang.js';
import CaseState from '../viewer/state.js';
import touch from '../viewer/touch.js';
import viewerWords from '../viewer/words.js';

const t = speaking(viewerWords);
const READABLE = 0.6; // below this scale the words of a task cannot be read
const NEAR = 0.9;
const MARGIN = 16;
const STEP = 1.25;
const MOVE = 60;
const REFRESH_SECONDS = 60;

const translate = {
  translate: ['value', (template, values = {}) => (template === 'Open {element}' ? t(template, values) : template)]
};

async function fetchText(address) {
  const response = await fetch(address, { credentials: 'same-origin', headers: headers({ Accept: '*/*' }) });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.text();
}

const readState = ({ state, stateId }) =>
  state ? fetchText(state).then(JSON.parse) : Promise.resolve(inlineJson(stateId, { elements: {} }));

class Sight {
  constructor(viewer) {
    this.canvas = viewer.get('canvas');
    this.registry = viewer.get('elementRegistry');
  }

  /** All of it, with a margin, never larger than life. */
  fit() {
    this.canvas.zoom('fit-viewport', 'auto');
    const { x, y, width, height, scale } = this.canvas.viewbox();
    const margin = MARGIN / scale;
    this.canvas.viewbox({ x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin });
  }

  zoom(factor) {
    this.canvas.zoom(Math.min(4, Math.max(0.2, this.canvas.zoom() * factor)), 'auto');
  }

  centre(id) {
    const element = this.registry.get(id);
    if (!element) {
      this.fit();
      return;
    }
    this.canvas.setRootElement(this.canvas.findRoot(element));
    const { outer } = this.canvas.viewbox();
    const [width, height] = [outer.width / NEAR, outer.height / NEAR];
    this.canvas.viewbox({
      x: element.x + element.width / 2 - width / 2,
      y: element.y + element.height / 2 - height / 2,
      width,
      height
    });
  }

  /** All of it where it can be read, else the current step (a phone shows one step, not an ant heap). */
  open(focus) {
    this.fit();
    if (focus && this.canvas.zoom() < READABLE) this.centre(focus);
  }
}

function tools(node, sight, focus, full) {
  const tool = (name, mark, onclick) =>
    el('button', { class: 'tool', type: 'button', 'aria-label': t(name), title: t(name), onclick }, icon(mark));
  return el(
    'div',
    { class: 'viewer-tools', role: 'toolbar', 'aria-label': t('tools') },
    tool('farther', 'minus', () => sight.zoom(1 / STEP)),
    tool('closer', 'plus', () => sight.zoom(STEP)),
    tool('focus', 'clock', () => sight.centre(focus())),
    tool('fit', 'fit', () => sight.fit()),
    'nofull' in node.dataset ? null : tool('full', 'expand', full)
  );
}

const KEYS = {
  ArrowLeft: sight => sight.canvas.scroll({ dx: MOVE, dy: 0 }),
  ArrowRight: sight => sight.canvas.scroll({ dx: -MOVE, dy: 0 }),
  ArrowUp: sight => sight.canvas.scroll({ dx: 0, dy: MOVE }),
  ArrowDown: sight => sight.canvas.scroll({ dx: 0, dy: -MOVE }),
  '+': sight => sight.zoom(STEP),
  '=': sight => sight.zoom(STEP),
  '-': sight => sight.zoom(1 / STEP),
  0: sight => sight.fit()
};

function keys(node, sight) {
  const svg = node.querySelector('.djs-container > svg');
  svg.setAttribute('role', 'group');
  svg.setAttribute('aria-label', node.getAttribute('aria-label') || t('diagram'));
  svg.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    KEYS[event.key](sight);
    event.preventDefault();
  });
}

/** The same diagram, not a copy, moves into a dialog over the page and back. */
async function openFull(node, sight, focus) {
  const home = el('span', { hidden: true });
  node.replaceWith(home);
  node.classList.add('full');
  const close = el('form', { method: 'dialog' }, el('button', { class: 'button low', value: '' }, t('close')));
  await openDialog({
    title: node.dataset.title || t('full_title'),
    parts: [node, close],
    full: true,
    onopen: () => {
      sight.canvas.resized();
      sight.fit();
    }
  });
  node.classList.remove('full');
  home.replaceWith(node);
  sight.canvas.resized();
  sight.open(focus());
}

function refresh(node, drawing, remember) {
  const seconds = Number(node.dataset.refreshSeconds ?? REFRESH_SECONDS);
  const again = () =>
    readState(node.dataset)
      .then(state => remember(drawing.draw(state)))
      .catch(error => announce(node, 'stale', { error }));
  if (node.dataset.state && seconds)
    setInterval(() => {
      if (!document.hidden) again();
    }, seconds * 1000);
  document.addEventListener('mj:answered', again);
}

async function mount(node) {
  const stage = el('div', { class: 'viewer-stage' });
  node.replaceChildren(stage);
  const viewer = new NavigatedViewer({
    container: stage,
    zoomScroll: { enabled: false },
    additionalModules: [translate]
  });
  const [xml, state] = await Promise.all([fetchText(node.dataset.xml), readState(node.dataset)]);
  await viewer.importXML(xml);
  const drawing = new CaseState(viewer, t);
  const sight = new Sight(viewer);
  let focus = drawing.draw(state);
  node.prepend(
    tools(
      node,
      sight,
      () => focus,
      () => openFull(node, sight, () => focus)
    )
  );
  sight.open(focus);
  keys(node, sight);
  touch(stage, sight.canvas, { free: () => node.classList.contains('full') });
  viewer.on('element.click', ({ element }) => announce(node, 'element', { id: element.id }));
  refresh(node, drawing, found => {
    focus = found;
  });
  new ResizeObserver(() => sight.canvas.resized()).observe(stage);
  node.mjViewer = viewer;
}

mountAll('viewer', mount);
