/* What replaces parts of form-js: the validator (our sentences), the fields, and when a complaint is due. */
import {
  clone,
  ExpressionFieldModule,
  ExpressionLanguageModule,
  MarkdownRendererModule,
  pruneAt,
  RepeatRenderModule
} from '@bpmn-io/form-js-viewer';
import { countyDay } from '../common/lang.js';
import { clean } from './answers.js';
import complaints from './complaints.js';
import fields from './fields.js';
import { Lookup } from './lookup.js';
import { totalOf } from './values.js';

const pathOf = ({ id, indexes }) => [id, ...Object.values(indexes || {})];
const at = (tree, path) => path.reduce((node, key) => node?.[key], tree);

/** Complains on leaving a field, not while it is typed; once a field is wrong, typing that mends it clears it at once. */
class Quiet {
  constructor(injector) {
    this._injector = injector;
    this.typing = false;
  }

  during(change) {
    this.typing = true;
    try {
      change();
    } finally {
      this.typing = false;
    }
  }

  /** Leaving for the dock checks nothing: the press would miss its button when a line of error came or went. */
  leave(instance, event) {
    if (!instance || event.relatedTarget?.closest?.('.dock')) return;
    const form = this._injector.get('form');
    const { data, errors } = form._getState();
    const found = this._injector.get('validator').validateFieldInstance(instance, at(data, instance.valuePath));
    if (found.length) form._setState({ errors: placed(errors, pathOf(instance), found) });
  }
}
Quiet.$inject = ['injector'];

/** A copy of the tree of errors with a list of sentences at the path; lists of form-js nest by row. */
export function placed(errors, path, sentences) {
  const copy = clone(errors);
  let node = copy;
  path.slice(0, -1).forEach((key, depth) => {
    node = node[key] ??= typeof path[depth + 1] === 'number' ? [] : {};
  });
  node[path.at(-1)] = sentences;
  return copy;
}

/** Around a field: today, the other answers, the facts that the page brought along, FEEL. */
class Around {
  constructor(form, expressionLanguage) {
    Object.assign(this, { form, language: expressionLanguage });
  }

  get facts() {
    return this.form._getState().initialData || {};
  }

  get today() {
    return this.facts.today ?? countyDay();
  }

  get answers() {
    return clean(this.form._getSubmitData()) || {};
  }

  asks(name) {
    return this.form.get('formFieldRegistry').getAll().some(field => (field.key ?? field.path) === name);
  }

  answer(name) {
    return this.asks(name) ? this.answers[name] : this.facts[name];
  }

  knows(name) {
    return this.asks(name) || Object.hasOwn(this.facts, name);
  }

  evaluate(feel) {
    return this.language.evaluate(feel, { ...this.facts, ...this.answers });
  }

  options(field) {
    return field.valuesKey ? this.facts[field.valuesKey] : field.values;
  }
}

class Validator {
  constructor(formFieldRegistry, form, quiet, words, expressionLanguage) {
    Object.assign(this, { _registry: formFieldRegistry, _form: form, _quiet: quiet, _words: words });
    this._around = new Around(form, expressionLanguage);
  }

  validateField(field, value) {
    return complaints(field, value, this._words, this._around);
  }

  validateFieldInstance(instance, value) {
    const field = this._registry.get(instance.id);
    if (!field || field.disabled || (field.readonly && !field.properties?.totalOf)) return [];
    if (this._quiet.typing && !at(this._form._getState().errors, pathOf(instance))) return [];
    if (this._inEmptyRow(instance, value)) return [];
    return complaints(field, value, this._words, this._around);
  }

  /** A row in which nothing stands is no row: it is not sent, so nothing is missing in it. */
  _inEmptyRow({ valuePath, indexes }, value) {
    const row = Object.keys(indexes || {}).length && at(this._form._getState().data, valuePath.slice(0, -1));
    return Boolean(row) && clean({ ...row, [valuePath.at(-1)]: value }) === undefined;
  }
}
Validator.$inject = ['formFieldRegistry', 'form', 'quiet', 'words', 'expressionLanguage'];

/** Numbers with `totalOf: list.cell` follow their list. */
function keepTotals(eventBus, form, formFieldRegistry, formFieldInstanceRegistry) {
  eventBus.on('changed', () => {
    const { data } = form._getState();
    for (const instance of formFieldInstanceRegistry.getAll()) {
      const field = formFieldRegistry.get(instance.id);
      if (!field?.properties?.totalOf) continue;
      const total = totalOf(field, data);
      if (total !== (at(data, instance.valuePath) ?? null)) form._update({ fieldInstance: instance, value: total });
    }
  });
}
keepTotals.$inject = ['eventBus', 'form', 'formFieldRegistry', 'formFieldInstanceRegistry'];

/** Row numbers move when a row goes: complaints of that list's rows would point at others, so they go too. */
function forgetRows(eventBus, form, formFieldRegistry) {
  eventBus.on('repeatRenderManager.remove', ({ dataPath }) => {
    const list = formFieldRegistry
      .getAll()
      .find(field => field.type === 'dynamiclist' && field.path === dataPath.at(-1));
    let { errors } = form._getState();
    for (const part of list?.components || []) errors = pruneAt(errors, [part.id]);
    form._getState().errors = errors;
  });
}
forgetRows.$inject = ['eventBus', 'form', 'formFieldRegistry'];

function register(formFields) {
  Object.entries(fields).forEach(([type, component]) => formFields.register(type, component));
}
register.$inject = ['formFields'];

export const modules = [ExpressionLanguageModule, ExpressionFieldModule, MarkdownRendererModule, RepeatRenderModule];

export const houseModule = (words, lookupAddress) => ({
  __init__: [register, forgetRows, keepTotals],
  quiet: ['type', Quiet],
  validator: ['type', Validator],
  words: ['value', words],
  lookupAddress: ['value', lookupAddress || null],
  lookup: ['type', Lookup]
});
