/* One submission: check, send once, show what was refused at its field, go on. */
import { call, freshKey, Problem } from '../common/api.js';
import { announce, fillAddress } from '../common/dom.js';
import { speaking } from '../common/lang.js';
import commonWords from '../common/words.js';
import { clean, merge, namedInputs, withoutEmptyRows } from './answers.js';
import { placed } from './modules.js';
import { markInput, nameOf, placeOf, unmarkInput } from './places.js';
import { goTo, showSummary } from './summary.js';
import { idOf } from './frame.js';

const MOST_ROWS = 200;

function rowsComplaint(field, count, t) {
  const { minRows, maxRows } = field.properties || {};
  const most = Math.min(Number(maxRows || MOST_ROWS), MOST_ROWS);
  if (!count) return field.validate?.required && t(minRows > 1 ? 'few_rows' : 'rows', { count: minRows });
  if (count < Number(minRows || 0)) return t('few_rows', { count: minRows });
  return count > most && t('many_rows', { count: most });
}

export default class Submission {
  constructor({ node, form, place, draft, extra, t }) {
    Object.assign(this, { node, form, place, draft, extra, t, sending: false, marked: [] });
  }

  answers() {
    return clean(this.form._getSubmitData()) || {};
  }

  body() {
    const named = this.node.dataset.extraFields
      ? namedInputs(document.querySelector(this.node.dataset.extraFields))
      : {};
    return { ...merge(this.extra, named), answers: this.answers() };
  }

  /** Presses of all buttons and Ctrl+Enter end here; while one is under way the others do nothing. */
  async press() {
    if (this.sending) return;
    this.sending = true;
    this.forget();
    const state = this.form._getState();
    this.form._setState({ data: withoutEmptyRows(state.data) });
    await new Promise(drawn => requestAnimationFrame(drawn));
    const items = this.check();
    if (items.length) {
      this.sending = false;
      this.show(items);
    } else {
      await this.send();
    }
  }

  forget() {
    this.marked.splice(0).forEach(unmarkInput);
    showSummary(this.place, [], this.t);
  }

  /** The browser's own check; gives the lines of the summary in the order of the page. */
  check() {
    this.form._setState({ errors: this.listErrors(this.form.validate()) });
    const { errors } = this.form._getState();
    const items = this.form
      .get('formFieldInstanceRegistry')
      .getAll()
      .flatMap(instance => this.itemOf(instance, errors));
    return items.sort((one, two) => this.before(one.id, two.id));
  }

  /** Lists with too few or too many filled rows, unless one of their rows says already what is wrong. */
  listErrors(errors) {
    const registry = this.form.get('formFieldRegistry');
    const answers = this.answers();
    let tree = errors;
    for (const { id, indexes, valuePath } of this.form.get('formFieldInstanceRegistry').getAll()) {
      const field = registry.get(id);
      if (field?.type !== 'dynamiclist' || field.components.some(part => errors[part.id])) continue;
      const count = valuePath.reduce((node, key) => node?.[key], answers)?.length || 0;
      const sentence = rowsComplaint(field, count, this.t);
      if (sentence) tree = placed(tree, [id, ...Object.values(indexes || {})], [sentence]);
    }
    return tree;
  }

  itemOf({ id, indexes }, errors) {
    const field = this.form.get('formFieldRegistry').get(id);
    const found = Object.values(indexes || {}).reduce((node, key) => node?.[key], errors[id]);
    const message = Array.isArray(found) && found.find(text => typeof text === 'string');
    if (!message) return [];
    return [
      {
        id: idOf(this.form, field, indexes),
        label: nameOf(this.form, { field, indexes: indexes || {} }, this.t),
        message
      }
    ];
  }

  before(one, two) {
    const [a, b] = [document.getElementById(one), document.getElementById(two)];
    if (!a || !b) return a ? -1 : 1;
    return a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  }

  show(items, words) {
    showSummary(this.place, items, this.t, words);
    const first = items.find(item => item.id);
    requestAnimationFrame(() => (first ? goTo(first.id) : this.place.firstElementChild?.focus()));
  }

  async send() {
    const { submit, method = 'POST' } = this.node.dataset;
    const json = this.body();
    const text = JSON.stringify(json);
    if (this.sentText !== text) Object.assign(this, { sentText: text, key: freshKey() });
    this.busy(true);
    await this.draft.hold();
    try {
      const answer = await call(method.toUpperCase(), submit, { json, key: this.key });
      this.accepted(answer);
    } catch (error) {
      this.busy(false);
      this.draft.release({ keep: error.status === 422 });
      this.refused(error);
    }
  }

  accepted(answer) {
    this.draft.close();
    this.done = true;
    const stays = !announce(this.node, 'answered', { answer });
    const { next } = this.node.dataset;
    if (stays || !next) {
      this.busy(false);
      return;
    }
    location.assign(
      fillAddress(next, { ...(typeof answer.case === 'object' ? answer.case : { number: answer.case }), ...answer })
    );
  }

  refused(error) {
    if (!(error instanceof Problem) && error.code !== 'unreachable') throw error;
    if (error instanceof Problem && error.status < 500) this.sentText = undefined;
    announce(this.node, 'refused', { code: error.code, error });
    if (error.status === 401) {
      this.show([{ message: speaking(commonWords)('signed_out') }], { title: this.t('refused') });
    } else if (error.errors?.length) {
      this.showErrors(error.errors);
    } else {
      this.show([{ message: error.message }], { title: this.t('refused') });
    }
  }

  /** `errors` of problem+json, each at its place; what was typed stays. */
  showErrors(errors) {
    let tree = this.form._getState().errors;
    const items = errors.map(error => {
      const place = placeOf(this.form, error, this.t);
      if (place?.path) tree = placed(tree, place.path, [error.message]);
      if (place?.input) {
        markInput(place.input, error.message);
        this.marked.push(place.input);
      }
      return { id: place?.id, label: place?.label, message: error.message };
    });
    this.form._setState({ errors: tree });
    const linked = items.filter(item => item.id).sort((one, two) => this.before(one.id, two.id));
    this.show([...linked, ...items.filter(item => !item.id)], { note: this.node.dataset.note || this.t('recorded') });
  }

  busy(on) {
    this.sending = on;
    for (const button of this.buttons()) {
      if (on) button.setAttribute('aria-busy', 'true');
      else button.removeAttribute('aria-busy');
    }
  }

  buttons() {
    const { id } = this.node;
    return [...document.querySelectorAll('button[data-submit-form]')].filter(
      button => !button.dataset.submitForm || button.dataset.submitForm === id
    );
  }
}
