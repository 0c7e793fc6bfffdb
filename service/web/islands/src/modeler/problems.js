/* Problems: asked of the service after each change, merged with the drawing's own, listed, marked, shown on the canvas. */
import { call } from '../common/api.js';
import { announce, el } from '../common/dom.js';
import { timeOfDay } from '../common/lang.js';
import lintLocally from './local-lint.js';

const WAIT_MS = 600;
const OVERLAY = 'mj-problem';
const PATH = 'mj-path';
const ROOM = 120;

export default class Problems {
  constructor({ node, modeler, address, word, t }) {
    Object.assign(this, { node, modeler, address, word, t, all: [], round: 0, paths: [] });
    this.registry = modeler.get('elementRegistry');
    modeler.on('commandStack.changed', () => this.later());
    modeler.on('element.click', () => this.clearPath());
  }

  get errors() {
    return this.all.filter(problem => problem.severity === 'error');
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), WAIT_MS);
  }

  /** Asks both; an answer that was overtaken by a later question is dropped. */
  async check() {
    clearTimeout(this.timer);
    const round = (this.round += 1);
    this.say(this.t('checking'));
    const local = await lintLocally(this.modeler.getDefinitions(), this.word);
    try {
      const { xml } = await this.modeler.saveXML({ format: true });
      const { problems } = await call('POST', this.address, { body: xml, type: 'application/xml', retries: [] });
      if (round === this.round) this.show(this.merged(problems, local), this.t('checked', { time: timeOfDay() }));
    } catch (error) {
      if (round === this.round) this.show(local, this.t('lint_failed', { reason: error.message }));
    }
    return this.errors;
  }

  /** The service speaks first: of an element that it has found wrong, the drawing's own errors say the same again. */
  merged(served, local) {
    const spoken = new Set(served.filter(problem => problem.severity === 'error').map(problem => problem.element_id));
    const warned = new Set(served.map(problem => problem.element_id));
    return [
      ...served,
      ...local.filter(problem => !(problem.severity === 'error' ? spoken : warned).has(problem.element_id))
    ];
  }

  say(text) {
    this.node.querySelector('[data-lint-state]').textContent = text;
  }

  show(problems, state) {
    this.all = [...problems].sort(
      (one, two) => (one.severity === 'error' ? 0 : 1) - (two.severity === 'error' ? 0 : 1)
    );
    this.say(state);
    this.node
      .querySelector('.problem-list')
      .replaceChildren(
        ...(this.all.length
          ? this.all.map(problem => this.row(problem))
          : [el('li', { class: 'muted' }, this.t('no_problems'))])
      );
    this.count();
    this.mark();
    announce(this.node, 'linted', { problems: this.all });
  }

  count() {
    const warnings = this.all.length - this.errors.length;
    const tag = (count, key, colour) => (count ? el('span', { class: `tag ${colour}` }, this.t(key, { count })) : '');
    this.node
      .querySelector('[data-problem-count]')
      .replaceChildren(tag(this.errors.length, 'errors_count', 'red'), tag(warnings, 'warnings_count', 'yellow'));
  }

  nameOf(id) {
    return this.registry.get(id)?.businessObject.name || id;
  }

  row(problem) {
    const { t } = this;
    const error = problem.severity === 'error';
    const show = () => this.point(problem);
    const path = problem.path?.length ? t('path', { path: problem.path.map(id => this.nameOf(id)).join(' → ') }) : '';
    const line = problem.line ? t('line', { line: problem.line }) : '';
    const where = problem.element_id ? `${this.nameOf(problem.element_id)}：` : '';
    const message =
      problem.message.includes(this.nameOf(problem.element_id || '')) && where
        ? problem.message
        : where + problem.message;
    return el(
      'li',
      { 'data-code': problem.code, 'data-severity': problem.severity },
      el('span', {}, el('span', { class: error ? 'tag red' : 'tag yellow' }, t(error ? 'error' : 'warning'))),
      el(
        'span',
        {},
        problem.element_id ? el('button', { class: 'problem-text', type: 'button', onclick: show }, message) : message,
        (path || line) && el('br'),
        (path || line) && el('span', { class: 'small muted' }, [path, line].filter(Boolean).join(' · '))
      ),
      problem.element_id && el('button', { class: 'button low', type: 'button', onclick: show }, t('show'))
    );
  }

  /** Selects the element, brings it into view, opens the panel on it and draws the path of the counterexample. */
  point(problem) {
    const element = this.registry.get(problem.element_id);
    this.clearPath();
    if (!element) return;
    const canvas = this.modeler.get('canvas');
    canvas.setRootElement(canvas.findRoot(element));
    this.bringIntoView(
      [element, ...(problem.path || []).map(id => this.registry.get(id))].filter(one => one?.width && one.parent)
    );
    this.modeler.get('selection').select(element);
    if (element === canvas.getRootElement()) this.modeler.get('selection').deselect(element);
    this.drawPath(problem.path || []);
    this.node.querySelector('.canvas').scrollIntoView({ block: 'nearest' });
  }

  /** The elements, with room around them, at a scale that can be read where there is room for all. */
  bringIntoView(elements) {
    if (!elements.length) return;
    const canvas = this.modeler.get('canvas');
    const { outer } = canvas.viewbox();
    const [left, top] = [Math.min(...elements.map(one => one.x)), Math.min(...elements.map(one => one.y))];
    const [right, bottom] = [
      Math.max(...elements.map(one => one.x + one.width)),
      Math.max(...elements.map(one => one.y + one.height))
    ];
    const scale = Math.min(1, outer.width / (right - left + 2 * ROOM), outer.height / (bottom - top + 2 * ROOM));
    const [width, height] = [outer.width / scale, outer.height / scale];
    canvas.viewbox({ x: (left + right - width) / 2, y: (top + bottom - height) / 2, width, height });
  }

  /** The elements of a path, and the flows between each and the next. */
  drawPath(ids) {
    const canvas = this.modeler.get('canvas');
    const elements = ids.map(id => this.registry.get(id)).filter(Boolean);
    const flows = elements
      .slice(1)
      .flatMap((to, at) => (elements[at].outgoing || []).filter(flow => flow.target === to));
    this.paths = [...elements, ...flows].map(element => element.id);
    this.paths.forEach(id => canvas.addMarker(id, PATH));
  }

  clearPath() {
    const canvas = this.modeler.get('canvas');
    this.paths
      .splice(0)
      .filter(id => this.registry.get(id))
      .forEach(id => canvas.removeMarker(id, PATH));
  }

  /** A mark at each element that has a problem: its shape says how grave. */
  mark() {
    const overlays = this.modeler.get('overlays');
    overlays.remove({ type: OVERLAY });
    const worst = new Map();
    this.all.forEach(problem => {
      if (problem.element_id && !worst.has(problem.element_id)) worst.set(problem.element_id, problem);
    });
    for (const [id, problem] of worst) {
      const element = this.registry.get(id);
      if (!element || element.waypoints || !element.parent) continue;
      const error = problem.severity === 'error';
      overlays.add(id, OVERLAY, {
        position: { left: -8, bottom: 10 },
        scale: { min: 0.9 },
        html: el(
          'button',
          {
            class: `mj-problem ${error ? 'error' : 'warning'}`,
            type: 'button',
            title: problem.message,
            'aria-label': problem.message,
            tabindex: -1,
            onclick: () => this.point(problem)
          },
          error ? '■' : '▲'
        )
      });
    }
  }
}
