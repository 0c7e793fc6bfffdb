/* What replaces parts of form-js: the validator (our sentences), the fields, and when a complaint is due. */
import {
  clone,
  ExpressionFieldModule,
  ExpressionLanguageModule,
  MarkdownRendererModule,
  pruneAt,
  RepeatRenderModule
} from '@bpmn-io/form-js-viewer';
import complaints from './complaints.js';
import fields from './fields.js';

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

class Validator {
  constructor(formFieldRegistry, form, quiet, words) {
    Object.assign(this, { _registry: formFieldRegistry, _form: form, _quiet: quiet, _words: words });
  }

  validateField(field, value) {
    return complaints(field, value, this._words);
  }

  validateFieldInstance(instance, value) {
    const field = this._registry.get(instance.id);
    if (!field || field.disabled) return [];
    if (this._quiet.typing && !at(this._form._getState().errors, pathOf(instance))) return [];
    return complaints(field, value, this._words);
  }
}
Validator.$inject = ['formFieldRegistry', 'form', 'quiet', 'words'];

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

export const houseModule = words => ({
  __init__: [register, forgetRows],
  quiet: ['type', Quiet],
  validator: ['type', Validator],
  words: ['value', words]
});
